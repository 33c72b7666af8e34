// SPDX-License-Identifier: Apache-2.0
// The file is replaced whole; it lives on tmpfs and dies with the sessions it names.
#include "agent/enforcer/sessions/session_book.h"

#include "core/host_files.h"

namespace curfew {
namespace {

constexpr std::size_t kMostBook = std::size_t{4} << 20U;
constexpr mode_t kMode = 0600;

std::string TextOf(const std::vector<BookedSession>& booked) {
  std::vector<Session> sessions;
  sessions.reserve(booked.size());
  for (const auto& one : booked) sessions.push_back(one.session);
  return RenderSessions(sessions);
}

// What the reaper leaves: our lines, less some whose deadline has come.
bool IsReaped(const std::string& text, const std::vector<BookedSession>& booked, Instant now) {
  const auto left = ParseSessions(text);
  if (!left) return false;
  const auto stands = [&](const Session& session) { return std::find(left->begin(), left->end(), session) != left->end(); };
  const auto is_ours = [&](const Session& session) {
    return std::any_of(booked.begin(), booked.end(), [&](const BookedSession& one) { return one.session == session; });
  };
  return std::all_of(left->begin(), left->end(), is_ours) &&
         std::all_of(booked.begin(), booked.end(), [&](const BookedSession& one) { return one.session.deadline <= now || stands(one.session); });
}

bool IsSameLine(const Session& one, const Session& other) {
  return one.scope == other.scope && one.uid == other.uid && one.grant == other.grant && one.kind == other.kind;
}

}  // namespace

void SessionBook::Load() {
  std::vector<Finding> findings;
  auto run = ground_.OpenRun(findings);
  if (!run) return;
  auto file = run->Read(kSessionsFile, kMostBook);
  if (!file || !*file || (*file)->owner != 0) return;
  auto sessions = ParseSessions((*file)->text);
  if (!sessions) return;
  for (auto& session : *sessions) sessions_.push_back(BookedSession{std::move(session), {}, false});
}

BookedSession* SessionBook::Find(const Session& session) {
  const auto found = std::find_if(sessions_.begin(), sessions_.end(),
                                  [&](const BookedSession& one) { return IsSameLine(one.session, session); });
  return found == sessions_.end() ? nullptr : &*found;
}

Result<void> SessionBook::Add(const Session& session, std::uint32_t audit_session) {
  auto* booked = Find(session);
  if (booked == nullptr) booked = &sessions_.emplace_back(BookedSession{session, {}, false});
  booked->session.deadline = session.deadline;
  booked->ending = false;
  booked->audit_sessions.insert(audit_session);
  return Write();
}

Result<void> SessionBook::Rebind(const Session& session, const GrantId& grant, Instant deadline) {
  auto* booked = Find(session);
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
  if (auto* booked = Find(session)) booked->ending = ending;
}

std::vector<Session> SessionBook::Standing() const {
  std::vector<Session> sessions;
  for (const auto& one : sessions_) {
    if (!one.ending) sessions.push_back(one.session);
  }
  return sessions;
}

Result<void> SessionBook::Write() {
  std::vector<Finding> findings;
  auto run = ground_.OpenRun(findings);
  if (!run) return Failure(run.error());
  return run->Replace(kSessionsFile, TextOf(sessions_), kMode, Durable::kNo);
}

Result<void> SessionBook::Repair(std::vector<Finding>& findings, Instant now) {
  auto run = ground_.OpenRun(findings);
  if (!run) return Failure(run.error());
  const std::string want = TextOf(sessions_);
  auto file = run->Read(kSessionsFile, kMostBook);
  if (file && !*file && sessions_.empty()) return {};
  if (file && *file && (*file)->text == want && (*file)->owner == 0 && (*file)->mode == kMode) return {};
  const bool ours = file && *file && (*file)->owner == 0 && (*file)->mode == kMode && IsReaped((*file)->text, sessions_, now);
  if (!ours) findings.push_back(Finding{run->Path() + "/" + kSessionsFile, "was not as curfew left it"});
  if (auto gone = run->Remove(kSessionsFile, AsideName()); !gone) return gone;
  return Write();
}

}  // namespace curfew
