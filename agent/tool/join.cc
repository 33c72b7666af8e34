// SPDX-License-Identifier: Apache-2.0
// Nothing is written but keys until the controller has answered and its answer has been checked.
#include "agent/tool/join.h"

#include <algorithm>
#include <cctype>
#include <cstdio>

#include "agent/tool/enforcer_wire.h"
#include "agent/tool/enrolment.h"
#include "agent/tool/host_keys.h"
#include "agent/tool/http.h"
#include "agent/tool/link_folder.h"
#include "agent/tool/read_file.h"
#include "agent/tool/units.h"
#include "os/directory.h"
#include "os/machine.h"
#include "os/pem.h"
#include "os/users.h"

namespace curfew {
namespace {

constexpr std::size_t kMostToken = 4096;
constexpr std::size_t kMostSmallFile = 16384;
constexpr long kRefusedFrom = 400;
constexpr long kServerFault = 500;

Result<std::string> ReadToken(const std::string& path) {
  auto text = ReadUntrustedFile(path, kMostToken);
  if (!text) return text;
  while (!text->empty() && std::isspace(static_cast<unsigned char>(text->back())) != 0) text->pop_back();
  if (text->empty()) return Fail(Errc::kMalformed, "it is empty", path, "make one: curfew-controller token new");
  return text;
}

Result<HostName> NameOf(const JoinOptions& options) {
  std::string text = options.name;
  if (text.empty()) {
    auto machine = MachineName();
    if (!machine) return Failure(machine.error());
    text = std::move(*machine);
  }
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return HostName::Parse(text);
}

/// "https://HOST[:PORT]" without a path: it is written to agent.toml and shown to people.
Result<std::string> UrlOf(const JoinOptions& options) {
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:[]";
  constexpr std::string_view kScheme = "https://";
  std::string url = options.controller;
  while (url.ends_with('/')) url.pop_back();
  const bool plain = url.starts_with(kScheme) && url.size() > kScheme.size() &&
                     url.find_first_not_of(kAllowed, kScheme.size()) == std::string::npos;
  if (plain) return url;
  return Fail(Errc::kMalformed, "not https://HOST:PORT", Escaped(options.controller), "see: curfew-agent join --help");
}

struct LinkIdentity {
  std::string key;
  std::string request;
};

/// A new TLS key with each join: it signs nothing else, and no file of another user has to be read.
Result<LinkIdentity> NewLinkIdentity() {
  auto key = NewTlsKey();
  if (!key) return Failure(key.error());
  auto pem = ToPem(key->get());
  if (!pem) return Failure(pem.error());
  auto request = NewRequestPem(key->get());
  if (!request) return Failure(request.error());
  return LinkIdentity{std::move(*pem), std::move(*request)};
}

Result<std::string> Enrol(const std::string& url, const std::string& ca, const std::string& body) {
  auto answer = PostJson(url + "/v1/enroll", ca, body);
  if (!answer) return Failure(answer.error());
  if (answer->status == 200) return std::move(answer->body);
  const bool refused = answer->status >= kRefusedFrom && answer->status < kServerFault;
  return Fail(refused ? Errc::kRefused : Errc::kSystem, ProblemText(answer->status, answer->body), url);
}

Result<void> KeepLinkFiles(const std::string& user, const LinkIdentity& link, const Enrolment& enrolment,
                           const Paths& paths) {
  const auto found = LookUpUser(user);
  if (!found) return Failure(found.error());
  const auto found_group = LookUpGroup(user);
  if (!found_group) return Failure(found_group.error());
  const std::optional<uid_t> owner = *found;
  const std::optional<gid_t> group = *found_group;
  if (!owner || !group)
    return Fail(Errc::kNotFound, "no such user or group", user, "install the package curfew-agent");
  const auto folder = LinkFolder::Open(paths.root + "/var/lib/curfew-link", *owner, *group);
  if (!folder) return Failure(folder.error());
  if (auto kept = folder->Replace("ca.crt", enrolment.ca); !kept) return kept;
  // One file: a key without its certificate would be a link that never starts again.
  return folder->Replace("link.pem", enrolment.certificate + "\n" + link.key);
}

/// Which root a host trusts is decided once; a second controller must not be able to replace it by a token.
Result<void> KeepTrustedRoot(const Directory& config, const std::string& text) {
  auto seen = config.Read("trusted_root.json", kMostSmallFile);
  if (!seen) return Failure(seen.error());
  const auto& kept = *seen;
  if (kept && kept->text != text) {
    return Fail(Errc::kRefused, "this host trusts another root already", config.Path() + "/trusted_root.json",
                "run: curfew-agent leave");
  }
  return config.Replace("trusted_root.json", text, 0644, Durable::kYes);
}

Result<void> KeepConfig(const AgentFile& file, const Enrolment& enrolment, const Paths& paths) {
  auto parent = Directory::Open(paths.root + "/etc");
  if (!parent) return Failure(parent.error());
  if (auto made = parent->MakeChild("curfew", 0755); !made) return made;
  auto config = Directory::Open(paths.Config());
  if (!config) return Failure(config.error());
  if (auto kept = KeepTrustedRoot(*config, RenderTrustedRoot(file.host, enrolment.root)); !kept) return kept;
  return config->Replace("agent.toml", RenderAgentFile(file), 0644, Durable::kYes);
}

Result<void> StartUnits(const Paths& paths) {
  // Units belong to the machine, not to a test's folder.
  if (!paths.root.empty()) return {};
  auto enabled = Systemctl({"enable", "--now", "curfew-gate.socket", "curfew-reaper.timer"});
  if (!enabled) return enabled;
  enabled = Systemctl({"enable", "curfew-enforcer.service", "curfew-link.service"});
  if (!enabled) return enabled;
  return Systemctl({"restart", "curfew-enforcer.service", "curfew-link.service"});
}

/// The link brings the roles too: an enforcer that is not up yet is a note, a refusal is an error.
Result<void> OfferRoles(const std::string& roles, const Paths& paths) {
  auto offered = EnforcerClient(paths.LinkSocket()).Offer(roles);
  if (offered || offered.error().code != Errc::kUnavailable) return offered;
  const std::string note = "curfew-agent: note: " + offered.error().Text() + "; the link hands the role table over once both run\n";
  static_cast<void>(std::fputs(note.c_str(), stderr));
  return {};
}

Result<AgentFile> JoinOnce(const JoinOptions& options, const Paths& paths) {
  auto name = NameOf(options);
  if (!name) return Failure(name.error());
  auto url = UrlOf(options);
  if (!url) return Failure(url.error());
  auto token = ReadToken(options.token_file);
  if (!token) return Failure(token.error());
  auto keys = KeepHostKeys(paths);
  if (!keys) return Failure(keys.error());
  auto link = NewLinkIdentity();
  if (!link) return Failure(link.error());
  const HostId host(HostId::FromBytes(keys->identity.Public().Id().Raw()).value());
  auto body = WriteEnrolment({*name, std::move(*token), link->request}, *keys);
  if (!body) return Failure(body.error());
  auto answer = Enrol(*url, options.ca, *body);
  if (!answer) return Failure(answer.error());
  auto enrolment = ReadEnrolment(*answer, host, link->key);
  if (!enrolment) return Failure(enrolment.error());
  const AgentFile file{host, *name, *url, enrolment->agents};
  if (auto kept = KeepConfig(file, *enrolment, paths); !kept) return Failure(kept.error());
  if (auto kept = KeepLinkFiles(options.link_user, *link, *enrolment, paths); !kept) return Failure(kept.error());
  if (auto started = StartUnits(paths); !started) return Failure(started.error());
  if (auto offered = OfferRoles(enrolment->roles, paths); !offered) return Failure(offered.error());
  return file;
}

}  // namespace

Exit Join(const JoinOptions& options, const Paths& paths) {
  const auto joined = JoinOnce(options, paths);
  if (!joined) return Complain(joined.error());
  std::printf("joined as %s (%s)\nnext: curfew-agent setup, then curfew-agent doctor\n", joined->name.Text().c_str(),
              joined->host.Hex().c_str());
  return Exit::kDone;
}

}  // namespace curfew
