// SPDX-License-Identifier: Apache-2.0
// `ssh`: becomes plain ssh(1). It asks for nothing and never probes by logging in; a controller that cannot say which
// account was granted is no reason not to try.
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "cli/controller_api.h"
#include "cli/show.h"
#include "cli/shown.h"

namespace curfew {
namespace {

/// The account of a person's live login grant on one host, the longest where there are several; empty while none was seen.
struct LongestGrant {
  std::string person;
  std::string host;
  std::string account{};
  std::optional<Instant> until{};

  void Look(const RequestView& request) {
    for (const GrantView& grant : request.grants) {
      const bool mine = request.requester == person && request.what.login && grant.host == host;
      if (!mine || grant.state != "active" || grant.end <= until) continue;
      account = request.account;
      until = grant.end;
    }
  }
};

Answer<std::string> GrantedAccount(ControllerApi& api, const std::string& host) {
  auto me = api.Me();
  if (!me) return Halted(me.error());
  auto person = DecodePerson(*me);
  if (!person) return Halted(person.error());
  LongestGrant longest{person->user, host};
  const auto read = api.Requests("live", [&](const boost::json::array& page) -> Answer<void> {
    auto requests = DecodeAll(page, DecodeRequest);
    if (!requests) return Halted(requests.error());
    for (const RequestView& request : *requests) longest.Look(request);
    return {};
  });
  if (!read) return Halted(read.error());
  return longest.account;
}

Answer<std::string> AskAccount(const Context& context, const std::string& host) {
  auto api = ControllerApi::Open(context.home);
  if (!api) return Halted(api.error());
  auto account = GrantedAccount(*api, host);
  if (!account) return account;
  if (account->empty()) {
    return Refuse(ExitCode::kDenied, "you have no live grant on " + host,
                  "ask for one: `curfew request " + host + " --for 1h --reason TEXT --wait`");
  }
  return account;
}

}  // namespace

Answer<ExitCode> Run(const SshVerb& verb, Context& context) {
  std::vector<std::string> words{"ssh"};
  if (!verb.account.empty()) {
    words.insert(words.end(), {"-l", verb.account});
  } else if (auto account = AskAccount(context, verb.host); account) {
    words.insert(words.end(), {"-l", *account});
  } else {
    context.terminal.Note("curfew: " + account.error().Text());
  }
  // `--` ends ssh's options, so that neither the host nor the command can be read as one.
  words.insert(words.end(), {"--", verb.host});
  words.insert(words.end(), verb.argv.begin(), verb.argv.end());
  std::vector<char*> argv;
  argv.reserve(words.size() + 1);
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  execvp("ssh", argv.data());
  return Refuse(ExitCode::kFailed, std::string("ssh: ") + std::strerror(errno), "install openssh-client");
}

}  // namespace curfew
