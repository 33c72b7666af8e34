// SPDX-License-Identifier: Apache-2.0
// Small files, one fact a line. What other programs read without our code (PAM module, reaper, sshd) is fixed here.
#include "core/host_files.h"

#include "core/decide.h"
#include "core/lines.h"

namespace curfew {
namespace {

constexpr std::string_view kManagedFile = "managed";

std::string_view GateWord(const Gate& gate) {
  if (gate.login && gate.sudo) return "both";
  return gate.login ? "login" : "sudo";
}

std::optional<Gate> ReadGate(std::string_view word) {
  if (word == "both") return Gate{.login = true, .sudo = true};
  if (word == "login") return Gate{.login = true, .sudo = false};
  if (word == "sudo") return Gate{.login = false, .sudo = true};
  return std::nullopt;
}

std::optional<Gated> ReadManagedLine(std::string_view line) {
  const auto words = SplitWords(line);
  if (words.size() != 3) return std::nullopt;
  auto name = AccountName::Parse(words[0]);
  const auto uid = ExactUid(words[1]);
  const auto gate = ReadGate(words[2]);
  if (!name || !uid || !gate) return std::nullopt;
  return Gated{*std::move(name), *uid, *gate};
}

std::string_view KindWord(SessionKind kind) { return kind == SessionKind::kLogin ? "login" : "sudo"; }

std::optional<SessionKind> ReadKind(std::string_view word) {
  if (word == "login") return SessionKind::kLogin;
  if (word == "sudo") return SessionKind::kSudo;
  return std::nullopt;
}

std::optional<Session> ReadSessionLine(std::string_view line) {
  const auto words = SplitWords(line);
  if (words.size() < 5 || words.size() > 6 || !IsScopePath(words[1])) return std::nullopt;
  const auto deadline = ExactNumber(words[0]);
  const auto uid = ExactUid(words[2]);
  auto grant = GrantId::Parse(words[3]);
  const auto kind = ReadKind(words[4]);
  if (!deadline || !uid || *uid == 0 || !grant || !kind) return std::nullopt;
  if (*deadline < 0 || FromUnixSeconds(*deadline) > kEndOfTime) return std::nullopt;
  Session session{std::string(words[1]), *uid, *std::move(grant), *kind, FromUnixSeconds(*deadline)};
  if (words.size() == 5) return session;
  const auto since = ExactNumber(words[5]);
  if (!since || *since < 1 || *kind != SessionKind::kSudo) return std::nullopt;
  session.strange_since = static_cast<std::uint64_t>(*since);
  return session;
}

template <class Value, class Reader>
Result<std::vector<Value>> ReadEach(std::string_view text, std::string_view file, Reader reader) {
  const auto lines = SplitLines(text, file);
  if (!lines) return Failure(lines.error());
  std::vector<Value> values;
  for (std::size_t i = 0; i < lines->size(); ++i) {
    auto value = reader((*lines)[i]);
    if (!value) return BadLine(file, i, "not a line of curfew");
    values.push_back(*std::move(value));
  }
  return values;
}

bool IsSessionScope(std::string_view unit) {
  if (!TakePrefix(unit, "session-") || !unit.ends_with(".scope")) return false;
  unit.remove_suffix(std::string_view(".scope").size());
  constexpr std::string_view kIdentifier = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  return !unit.empty() && unit.find_first_not_of(kIdentifier) == std::string_view::npos;
}

std::string BannerLines(const AccountName& account) {
  return "Match User " + account.Text() + "\n    Banner /run/curfew/banner/" + account.Text() + "\n";
}

}  // namespace

bool IsScopePath(std::string_view path) {
  if (path.empty() || path.front() == '/' || path.size() > 1024) return false;
  const bool plain = std::all_of(path.begin(), path.end(), [](char c) { return c > ' ' && c <= '~'; });
  const std::string bounded = "/" + std::string(path) + "/";
  return plain && bounded.find("/../") == std::string::npos && bounded.find("/./") == std::string::npos &&
         bounded.find("//") == std::string::npos;
}

std::string RenderManaged(const std::vector<Gated>& managed) {
  std::string text;
  for (const Gated& account : managed) {
    if (!account.gate.login && !account.gate.sudo) continue;
    text.append(account.name.Text()).append(" ").append(std::to_string(account.uid));
    text.append(" ").append(GateWord(account.gate)).append("\n");
  }
  return text;
}

Result<std::vector<Gated>> ParseManaged(std::string_view text) {
  return ReadEach<Gated>(text, kManagedFile, ReadManagedLine);
}

std::string RenderSessions(const std::vector<Session>& sessions) {
  std::string text;
  for (const Session& session : sessions) {
    text.append(std::to_string(UnixSeconds(session.deadline))).append(" ").append(session.scope).append(" ");
    text.append(std::to_string(session.uid)).append(" ").append(session.grant.Text()).append(" ");
    text.append(KindWord(session.kind));
    if (session.strange_since != 0) text.append(" ").append(std::to_string(session.strange_since));
    text.append("\n");
  }
  return text;
}

SessionLines ParseSessions(std::string_view text) {
  SessionLines lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    // A last line without its end may be cut short.
    auto session = end == std::string_view::npos ? std::nullopt : ReadSessionLine(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (session) {
      lines.sessions.push_back(*std::move(session));
    } else {
      ++lines.unreadable;
    }
  }
  return lines;
}

std::string SliceOf(Uid uid) { return "user.slice/user-" + std::to_string(uid) + ".slice"; }

std::string UserServiceOf(Uid uid) { return SliceOf(uid) + "/user@" + std::to_string(uid) + ".service"; }

std::string UnitOf(const std::string& group) {
  for (std::size_t end = group.find('/'); end != std::string::npos; end = group.find('/', end + 1)) {
    const std::string_view above = std::string_view(group).substr(0, end);
    if (above.ends_with(".service") || above.ends_with(".scope")) return std::string(above);
  }
  return group;
}

bool IsAccountLine(const Session& session) {
  return session.scope == (session.kind == SessionKind::kLogin ? UserServiceOf(session.uid) : SliceOf(session.uid));
}

bool IsKillableScope(std::string_view scope, Uid uid) {
  const std::string number = std::to_string(uid);
  if (uid == 0 || !TakePrefix(scope, "user.slice/user-" + number + ".slice/")) return false;
  return scope == "user@" + number + ".service" || IsSessionScope(scope);
}

std::string RenderSshdBlock(const std::vector<Gated>& managed) {
  std::string text = "# Written by curfew; an edit here is undone. Only accounts that curfew guards are named.\n";
  std::string names;
  std::string banners;
  for (const Gated& account : managed) {
    if (!account.gate.login) continue;
    names.append(names.empty() ? "" : ",").append(account.name.Text());
    banners.append(BannerLines(account.name));
  }
  if (names.empty()) return text;
  text.append("Match User ").append(names).append("\n");
  text += "    AuthorizedKeysFile /run/curfew/keys/%u\n";
  text += "    AuthorizedKeysCommand none\n";
  text += "    TrustedUserCAKeys none\n";
  text += "    AuthenticationMethods publickey\n";
  return text + banners;
}

bool SshdBlockNames(std::string_view block, const AccountName& account) {
  return block.find("\n" + BannerLines(account)) != std::string_view::npos;
}

std::string RenderBanner(const AccountName& account, const HostName& host) {
  return "curfew: " + account.Text() + " has no access to " + host.Text() + " now. Ask for it with\n    " +
         RequestLine(account, host) + "\n";
}

}  // namespace curfew
