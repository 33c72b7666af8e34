// SPDX-License-Identifier: Apache-2.0
// The file is replaced whole; it lives on tmpfs and dies with the sessions it names.
#include "agent/enforcer/sessions/session_book.h"

#include "core/host_files.h"
#include "os/machine.h"

namespace curfew {
namespace {

constexpr std::size_t kMostBook = std::size_t{4} << 20U;
constexpr mode_t kMode = 0600;

// What the reaper leaves: our lines, less some whose deadline has come.
bool IsReaped(const std::string& text, const std::vector<Session>& ours, Instant now) {
  const auto left = ParseSessions(text);
  const auto has = [](const std::vector<Session>& lines, const Session& line) {
    return std::find(lines.begin(), lines.end(), line) != lines.end();
  };
  return left.unreadable == 0 &&
         std::all_of(left.sessions.begin(), left.sessions.end(), [&](const Session& line) { return has(ours, line); }) &&
         std::all_of(ours.begin(), ours.end(), [&](const Session& line) { return line.deadline <= now || has(left.sessions, line); });
}

bool IsSameLine(const Session& one, const Session& other) {
  return one.scope == other.scope && one.uid == other.uid && one.grant == other.grant && one.kind == other.kind;
}

}  // namespace

Result<void> SessionBook::Load() {
  std::vector<Finding> findings;
  auto run = ground_.OpenRun(findings);
  if (!run) return Failure(run.error());
  const std::string where = run->Path() + "/" + kSessionsFile;
  constexpr const char* kNext = "open sessions are looked for anew";
  auto read = run->Read(kSessionsFile, kMostBook);
  if (!read) return Failure(read.error());
  const auto file = *std::move(read);
  if (!file) return {};
  if (file->owner != 0) return Fail(Errc::kRefused, "belongs to uid " + std::to_string(file->owner), where, kNext);
  const auto lines = ParseSessions(file->text);
  for (const auto& session : lines.sessions) {
    if (IsAccountLine(session)) {
      accounts_.push_back(session);
    } else {
      sessions_.push_back(BookedSession{session, {}, false});
    }
  }
  NoteLogins();
  if (lines.unreadable == 0) return {};
  return Fail(Errc::kMalformed, std::to_string(lines.unreadable) + " lines cannot be read", where, kNext);
}

BookedSession* SessionBook::LineFor(const Session& session) {
  const auto found = std::find_if(sessions_.begin(), sessions_.end(),
                                  [&](const BookedSession& one) { return IsSameLine(one.session, session); });
  return found == sessions_.end() ? nullptr : &*found;
}

Result<void> SessionBook::Add(const Session& session, std::uint32_t audit_session) {
  // logind gives each login a scope of its own: one that is booked under another grant was a guess of ours after a restart.
  if (session.kind == SessionKind::kLogin && IsKillableScope(session.scope, session.uid)) {
    std::erase_if(sessions_, [&](const BookedSession& one) {
      return one.session.scope == session.scope && one.session.kind == SessionKind::kLogin && one.session.grant != session.grant;
    });
  }
  auto* booked = LineFor(session);
  if (booked == nullptr) booked = &sessions_.emplace_back(BookedSession{session, {}, false});
  Session& line = booked->session;
  // What opens now prolongs nothing that is open.
  line.deadline = FromUnixSeconds(UnixSeconds(std::min(line.deadline, session.deadline)));
  const auto since = std::minmax(line.strange_since, session.strange_since);
  line.strange_since = since.first != 0 ? since.first : since.second;
  booked->ending = false;
  booked->audit_sessions.insert(audit_session);
  booked->last_opened = ReadNow().boot;
  NoteLogins();
  return Write();
}

// Kept though the login's line goes: who it let in may live there still.
void SessionBook::NoteLogins() {
  for (auto& one : sessions_) one.among_logins = one.among_logins || (one.session.kind == SessionKind::kSudo && HasLogin(one.session.scope));
}

Result<void> SessionBook::Rebind(const Session& session, const GrantId& grant, Instant deadline) {
  auto* booked = LineFor(session);
  if (booked == nullptr) return {};
  booked->session.grant = grant;
  booked->session.deadline = deadline;
  return Write();
}

Result<void> SessionBook::Remove(const Session& session) {
  std::erase_if(sessions_, [&](const BookedSession& one) { return IsSameLine(one.session, session); });
  return Write();
}

void SessionBook::SetEnding(const Session& session, bool ending) {
  if (auto* booked = LineFor(session)) booked->ending = ending;
}

Result<void> SessionBook::SetAccounts(std::vector<Session> accounts) {
  if (accounts == accounts_) return {};
  accounts_ = std::move(accounts);
  return Write();
}

std::vector<Session> SessionBook::NotEnding() const {
  std::vector<Session> sessions;
  for (const auto& one : sessions_) {
    if (!one.ending) sessions.push_back(one.session);
  }
  return sessions;
}

bool SessionBook::HasLogin(const std::string& scope) const {
  return std::any_of(sessions_.begin(), sessions_.end(), [&](const BookedSession& one) {
    return one.session.kind == SessionKind::kLogin && one.session.scope == scope;
  });
}

std::vector<Session> SessionBook::Lines() const {
  std::vector<Session> lines;
  lines.reserve(sessions_.size() + accounts_.size());
  for (const auto& one : sessions_) lines.push_back(one.session);
  lines.insert(lines.end(), accounts_.begin(), accounts_.end());
  return lines;
}

Result<void> SessionBook::Write() {
  std::vector<Finding> findings;
  behind_ = true;
  auto run = ground_.OpenRun(findings);
  if (!run) return Failure(run.error());
  auto written = run->Replace(kSessionsFile, RenderSessions(Lines()), kMode, Durable::kNo);
  behind_ = !written;
  return written;
}

Result<void> SessionBook::Repair(std::vector<Finding>& findings, Instant now) {
  auto run = ground_.OpenRun(findings);
  if (!run) return Failure(run.error());
  const std::vector<Session> lines = Lines();
  const std::string want = RenderSessions(lines);
  const auto read = run->Read(kSessionsFile, kMostBook);
  const auto file = read.value_or(std::nullopt);
  if (read && !file && lines.empty()) return {};
  const bool ours = file && file->owner == 0 && file->mode == kMode;
  if (ours && file->text == want) return {};
  const bool reaped = ours && IsReaped(file->text, lines, now);
  if (!reaped && !behind_) findings.push_back(Finding{run->Path() + "/" + kSessionsFile, "was not as curfew left it"});
  // Where no room is left the older list is better than none; what is not a file of ours stands in the way.
  if (auto written = Write(); written || read) return written;
  if (auto gone = run->Remove(kSessionsFile, AsideName()); !gone) return gone;
  return Write();
}

}  // namespace curfew
