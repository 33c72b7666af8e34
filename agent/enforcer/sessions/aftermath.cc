// SPDX-License-Identifier: Apache-2.0
// Three looks for each end. What they find wrong beyond the last is looked for every five seconds until it is gone.
#include "agent/enforcer/sessions/aftermath.h"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>

#include "agent/enforcer/sessions/tickets.h"
#include "core/decide.h"
#include "core/host_files.h"
#include "core/session_plan.h"
#include "os/machine.h"

namespace curfew {
namespace {

constexpr Seconds kLooks[] = {Seconds{0}, Seconds{1}, Seconds{5}};
constexpr Seconds kAgain{5};

bool IsThere(const Survivor& survivor) {
  const auto process = ReadProcess(survivor.pid);
  return process || process.error().code != Errc::kNotFound;
}

// Nothing would be found, and nothing can be said. What lost its parent is PID 1's, so that stands for it.
Survivors::value_type Unknown() {
  return {1, Survivor{1, 0, "(this kernel keeps no logins: what sudo left outside of its sessions is not known)", ""}};
}

}  // namespace

void Aftermath::Follow(const Desired& desired) {
  desired_ = &desired;
  whose_.Follow(desired, ReadNow().boot);
  StrikeOut();
}

void Aftermath::NoteActive(Uid uid, BootInstant now) { active_since_.try_emplace(uid, now); }

// Only where the whole group ends: without pam_systemd several accounts share one.
bool Aftermath::EndsWithLogin(const Session& session) const {
  if (session.kind != SessionKind::kSudo || !IsKillableScope(session.scope, session.uid)) return false;
  return std::any_of(parts_.book.All().begin(), parts_.book.All().end(), [&](const BookedSession& booked) {
    const Session& login = booked.session;
    return booked.ending && login.kind == SessionKind::kLogin && login.uid == session.uid && login.scope == session.scope;
  });
}

void Aftermath::EndSession(const Session& session) {
  for (const auto& booked : parts_.book.All()) {
    if (booked.session != session || booked.ending) continue;
    const BookedSession copy = booked;
    // What sudo started in a login ends with that login, and the person is told once.
    const bool with_login = EndsWithLogin(session);
    parts_.book.SetEnding(session, true);
    if (!with_login) Run(copy, true);
    return;
  }
}

void Aftermath::Run(const BookedSession& booked, bool in_book) {
  if (!in_book && !unbooked_.insert(booked.session.scope).second) return;
  running_.insert(booked.session.grant);
  const bool sudo_lives = MaySudo(booked.session.uid, nullptr, *desired_);
  parts_.ender.End(booked, sudo_lives, [this, in_book](const EndedSession& ended) { Take(ended, in_book); });
}

void Aftermath::Take(const EndedSession& ended, bool in_book) {
  const GrantId& grant = ended.session.grant;
  running_.erase(running_.find(grant));
  if (ended.told) {
    Event warned = EventAfter(grant, EventKind::kSessionWarned, Severity::kInfo, "told on its terminal that it ends");
    warned.at = *ended.told;
    parts_.journal.Note(std::move(warned));
  }
  survivors_[grant].insert(ended.survivors.begin(), ended.survivors.end());
  if (ended.gone || stuck_.insert(ended.session.scope).second) parts_.journal.Note(SessionEvent(ended));
  if (in_book) Settle(ended);
  if (!in_book) unbooked_.erase(ended.session.scope);
  if (ended.gone) stuck_.erase(ended.session.scope);
  unseen_.erase(ended.session.scope);
  if (!ended.seen) unseen_.emplace(ended.session.scope, grant);
  // What is in no book nobody else comes back to.
  const auto over = over_.find(grant);
  if (!in_book && !ended.gone && over != over_.end()) Retry(over->second);
  parts_.waker.Wake();
}

// What could not be ended stays in the book: its end is planned again, and the reaper knows of it.
void Aftermath::Settle(const EndedSession& ended) {
  if (!ended.gone) return TryLater(ended.session);
  std::vector<Session> over{ended.session};
  for (const auto& booked : parts_.book.All()) {
    const auto& other = booked.session;
    const bool with_it = booked.ending && other.scope == ended.session.scope && EndsWithLogin(other);
    if (ended.session.kind == SessionKind::kLogin && with_it) over.push_back(other);
  }
  // What cannot be written is written by the next turn's Repair, which says so.
  for (const auto& session : over) static_cast<void>(parts_.book.Remove(session));
}

void Aftermath::TryLater(const Session& session) {
  auto later = std::make_shared<boost::asio::steady_timer>(parts_.loop, kAgain);
  later->async_wait([this, later, scope = session.scope](const boost::system::error_code& stopped) {
    if (stopped) return;
    const auto booked = parts_.book.All();
    for (const auto& one : booked) {
      if (one.session.scope == scope) parts_.book.SetEnding(one.session, false);
    }
    parts_.waker.Wake();
  });
}

void Aftermath::RemoveTickets(const AccountName& account, Uid uid) const { RemoveSudoTickets(parts_.paths.root, account, uid); }

void Aftermath::Begin(const OverGrant& grant) {
  RemoveTickets(grant.account, grant.uid);
  Over& over = over_.try_emplace(grant.id, Over{grant}).first->second;
  over.grant = grant;
  over.proved = grant.proved;
  over.since = ReadNow().boot;
  if (IsSudoOver(grant)) TakeSudos(over);
  over.looks += static_cast<int>(std::size(kLooks));
  for (const Seconds after : kLooks) LookIn(grant.id, after, false);
}

// The bundle may not hold the ended one any more, whose right is kept beside it.
bool Aftermath::IsSudoOver(const OverGrant& grant) const {
  return grant.sudo && !MaySudo(grant.uid, grant.right ? &*grant.right : nullptr, *desired_);
}

void Aftermath::TakeSudos(const Over& over) {
  const auto all = parts_.book.All();
  for (const auto& booked : all) {
    const bool sudo = booked.session.uid == over.grant.uid && booked.session.kind == SessionKind::kSudo;
    if (!sudo || booked.ending || whose_.IsAnothers(booked, over.grant.id, over.since)) continue;
    static_cast<void>(parts_.book.Rebind(booked.session, over.grant.id, ReadNow().utc));
  }
  parts_.waker.Wake();
}

void Aftermath::Retry(Over& over) {
  if (over.retrying || over.looks > 0) return;
  over.retrying = true;
  LookIn(over.grant.id, kAgain, true);
}

void Aftermath::LookIn(const GrantId& grant, Seconds wait, bool retry) {
  auto timer = std::make_shared<boost::asio::steady_timer>(parts_.loop, wait);
  timer->async_wait([this, timer, grant, retry](const boost::system::error_code& stopped) {
    if (!stopped) AskForSearch(grant, retry);
  });
}

void Aftermath::AskForSearch(const GrantId& grant, bool retry) {
  const Uid uid = over_.at(grant).grant.uid;
  auto& askers = asking_[uid];
  askers.push_back(Asker{grant, retry});
  if (askers.size() > 1) return;
  boost::asio::post(parts_.loop, [this, uid] { SearchFor(uid); });
}

void Aftermath::SearchFor(Uid uid) {
  const std::vector<Asker> askers = std::move(asking_.extract(uid).mapped());
  const auto since = active_since_.find(uid);
  Search search;
  search.uid = uid;
  search.root = parts_.paths.root;
  std::vector<std::pair<GrantId, BootInstant>> sudos;
  if (since != active_since_.end()) search.since = since->second;
  for (const auto& asker : askers) {
    const Over& over = over_.at(asker.grant);
    search.login_over = search.login_over || (over.grant.login && !MayBeIn(uid, *desired_));
    if (IsSudoOver(over.grant)) sudos.emplace_back(over.grant.id, over.since);
    search.over = std::max(search.over, over.since);
    search.spared.insert(over.spared.begin(), over.spared.end());
    search.last = search.last || over.looks <= 1;
  }
  search.sudo_over = !sudos.empty();
  search.sudo_lives = MaySudo(uid, nullptr, *desired_);
  search.others = whose_.ScopesOfOthers(parts_.book.All(), sudos);
  parts_.ends.Ask(uid, [search = std::move(search), &tree = parts_.tree] { return SearchHost(tree, search); },
                  [this, askers](Found found) {
                    for (const auto& asker : askers) {
                      TakeFound(over_.at(asker.grant), found, asker.retry);
                      found.ended = 0;
                    }
                    parts_.waker.Wake();
                  });
}

void Aftermath::TakeFound(Over& over, const Found& found, bool retry) {
  const GrantId grant = over.grant.id;
  if (retry) over.retrying = false;
  if (!retry) --over.looks;
  if (found.ended > 0) {
    parts_.journal.Note(EventAfter(grant, EventKind::kSessionEnded, Severity::kWarning,
                                   std::to_string(found.ended) + " processes that sudo had left outside of its session"));
  }
  if (over.looks == 0) over.survivors.clear();
  over.spared = found.spared;
  for (const auto* left : {&found.raised, &found.held}) {
    if (over.grant.sudo) over.survivors.insert(left->begin(), left->end());
  }
  if (over.grant.sudo && found.unknown) over.survivors.insert(Unknown());
  if (over.grant.login) over.survivors.insert(found.elsewhere.begin(), found.elsewhere.end());
  over.blind = found.error.has_value();
  SayWhatIsWrong(over, found);
  for (const auto& scope : over.grant.login ? found.logins : std::vector<std::string>{}) {
    if (parts_.book.HasLogin(scope)) continue;
    Run(BookedSession{Session{scope, over.grant.uid, grant, SessionKind::kLogin, ReadNow().utc}, {}, true}, false);
  }
  const bool may_hide = !found.spared.empty() && !MaySudo(over.grant.uid, nullptr, *desired_);
  if (over.blind || may_hide || !found.raised.empty()) Retry(over);
  if (over.proved) Forget(grant);
}

void Aftermath::SayWhatIsWrong(const Over& over, const Found& found) const {
  const std::string name = over.grant.id.Text();
  const std::string about = "after " + name;
  const Instant now = ReadNow().utc;
  if (found.error) {
    parts_.alarms.Raise(about, "what runs under " + name + " cannot be looked for: " + found.error->Text(), now);
  } else if (!found.raised.empty()) {
    parts_.alarms.Raise(about, "what sudo started under " + name + " could not be ended; it is tried again", now, EventKind::kResidual);
  } else {
    parts_.alarms.Clear(about, now);
  }
}

void Aftermath::StrikeOut() {
  std::vector<Session> over;
  for (const auto& booked : parts_.book.All()) {
    if (booked.ending) continue;
    const auto events = parts_.tree.Events(booked.session.scope);
    // Only the kernel's word that it is empty or not there any more ends a session without an end.
    if (events ? !events->populated : events.error().code == Errc::kNotFound) over.push_back(booked.session);
  }
  for (const auto& session : over) {
    static_cast<void>(parts_.book.Remove(session));
    parts_.journal.Note(SessionEvent(EndedSession{session, true, true, {}, {}}));
  }
}

bool Aftermath::IsAwaited(Uid uid) const {
  return std::any_of(over_.begin(), over_.end(), [&](const auto& one) { return one.second.grant.uid == uid; });
}

void Aftermath::KeepAccounts(Instant now) {
  auto lines = AccountLines(*desired_);
  for (Session old : parts_.book.Accounts()) {
    const bool lives = std::any_of(lines.begin(), lines.end(), [&](const Session& line) { return line.scope == old.scope; });
    if (lives || !IsAwaited(old.uid)) continue;
    old.deadline = std::min(old.deadline, FromUnixSeconds(UnixSeconds(now)));
    lines.push_back(std::move(old));
  }
  std::erase_if(active_since_, [&](const auto& one) {
    return std::none_of(lines.begin(), lines.end(), [&](const Session& line) { return line.uid == one.first; });
  });
  static_cast<void>(parts_.book.SetAccounts(std::move(lines)));
}

bool Aftermath::IsQuiet(const GrantId& grant) const {
  const auto over = over_.find(grant);
  if (over == over_.end() || over->second.blind || over->second.looks > 0) return false;
  const bool unseen = std::any_of(unseen_.begin(), unseen_.end(), [&](const auto& one) { return one.second == grant; });
  return !unseen && !running_.contains(grant) && std::none_of(parts_.book.All().begin(), parts_.book.All().end(), [&](const BookedSession& booked) {
    return booked.session.grant == grant && !stuck_.contains(booked.session.scope);
  });
}

Survivors Aftermath::SurvivorsOf(const GrantId& grant) const {
  Survivors alive;
  if (const auto over = over_.find(grant); over != over_.end()) alive = over->second.survivors;
  if (const auto found = survivors_.find(grant); found != survivors_.end()) alive.insert(found->second.begin(), found->second.end());
  std::erase_if(alive, [](const auto& survivor) { return !IsThere(survivor.second); });
  return alive;
}

void Aftermath::Forget(const GrantId& grant) {
  survivors_.erase(grant);
  const auto over = over_.find(grant);
  if (over == over_.end()) return;
  over->second.proved = true;
  if (over->second.looks == 0 && !over->second.retrying && !running_.contains(grant)) over_.erase(over);
}

}  // namespace curfew
