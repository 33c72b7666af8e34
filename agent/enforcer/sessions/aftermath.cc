// SPDX-License-Identifier: Apache-2.0
// An unbooked session is ended only when logind says that it came by sshd or login: cron and su of root are not ours.
#include "agent/enforcer/sessions/aftermath.h"

#include <boost/asio/steady_timer.hpp>
#include <memory>

#include "os/machine.h"
#include "os/system_bus.h"

namespace curfew {
namespace {

constexpr Seconds kLooks[] = {Seconds{1}, Seconds{5}};

std::string SliceOf(Uid uid) { return "user.slice/user-" + std::to_string(uid) + ".slice"; }

bool IsThere(const Survivor& survivor) { return ReadProcess(survivor.pid).has_value(); }

Event SessionEvent(const EndedSession& ended) {
  const std::string outcome = ended.gone ? "" : "; " + std::to_string(ended.survivors.size()) + " processes live on";
  Event event = DraftEvent(ReadNow().utc, ended.gone ? EventKind::kSessionEnded : EventKind::kResidual,
                           ended.gone ? Severity::kInfo : Severity::kAlarm, "session in " + ended.session.scope + outcome);
  event.grant = ended.session.grant.Text();
  return event;
}

}  // namespace

bool Aftermath::IsScopeEnding(const std::string& scope) const {
  return std::any_of(parts_.book.All().begin(), parts_.book.All().end(), [&](const BookedSession& booked) {
    return booked.ending && booked.session.scope == scope && booked.session.kind == SessionKind::kLogin;
  });
}

void Aftermath::EndSession(const Session& session) {
  for (const auto& booked : parts_.book.All()) {
    if (booked.session != session || booked.ending) continue;
    const BookedSession copy = booked;
    // What sudo started in a login ends with that login, and the person is told once.
    const bool with_login = session.kind == SessionKind::kSudo && IsScopeEnding(session.scope);
    parts_.book.SetEnding(session, true);
    if (!with_login) Run(copy, true);
    return;
  }
}

void Aftermath::EndUserService(const GrantId& grant, Uid uid) {
  const std::string scope = SliceOf(uid) + "/user@" + std::to_string(uid) + ".service";
  if (!parts_.tree.Exists(scope)) return;
  Run(BookedSession{Session{scope, uid, grant, SessionKind::kLogin, ReadNow().utc}, {}, true}, false);
}

void Aftermath::Run(const BookedSession& booked, bool in_book) {
  running_.insert(booked.session.grant);
  parts_.ender.End(booked, [this, in_book](const EndedSession& ended) { Take(ended, in_book); });
}

void Aftermath::Take(const EndedSession& ended, bool in_book) {
  running_.erase(running_.find(ended.session.grant));
  if (ended.told) {
    Event warned = DraftEvent(*ended.told, EventKind::kSessionWarned, Severity::kInfo, "told on its terminal that it ends");
    warned.grant = ended.session.grant.Text();
    parts_.journal.Note(std::move(warned));
  }
  auto& survivors = survivors_[ended.session.grant];
  survivors.insert(survivors.end(), ended.survivors.begin(), ended.survivors.end());
  if (ended.gone || stuck_.insert(ended.session.scope).second) parts_.journal.Note(SessionEvent(ended));
  if (in_book) Settle(ended);
  if (ended.gone) stuck_.erase(ended.session.scope);
  parts_.waker.Wake();
}

// What could not be ended stays in the book: its end is planned again, and the reaper knows of it.
void Aftermath::Settle(const EndedSession& ended) {
  if (!ended.gone) return TryLater(ended.session);
  std::vector<Session> over{ended.session};
  for (const auto& booked : parts_.book.All()) {
    const auto& other = booked.session;
    const bool with_it = other.scope == ended.session.scope && other.kind == SessionKind::kSudo && booked.ending;
    if (ended.session.kind == SessionKind::kLogin && with_it) over.push_back(other);
  }
  for (const auto& session : over) static_cast<void>(parts_.book.Remove(session));
}

void Aftermath::TryLater(const Session& session) {
  auto later = std::make_shared<boost::asio::steady_timer>(parts_.loop, Seconds{5});
  later->async_wait([this, later, scope = session.scope](const boost::system::error_code& stopped) {
    if (stopped) return;
    const auto booked = parts_.book.All();
    for (const auto& one : booked) {
      if (one.session.scope == scope) parts_.book.SetEnding(one.session, false);
    }
    parts_.waker.Wake();
  });
}

void Aftermath::RemoveTickets(const AccountName& account, Uid uid) const {
  const std::string by_uid = std::to_string(uid);
  const std::pair<const char*, std::string> tickets[] = {{"/run/sudo/ts", account.Text()}, {"/run/sudo/ts", by_uid},
                                                         {"/run/sudo-rs/ts", by_uid},      {"/var/lib/sudo/ts", account.Text()},
                                                         {"/var/lib/sudo/ts", by_uid}};
  for (const auto& [folder, name] : tickets) {
    if (auto directory = Directory::Open(parts_.paths.root + folder)) static_cast<void>(directory->Remove(name, AsideName()));
  }
}

void Aftermath::LookAgain(const GrantId& grant, Uid uid) {
  for (const Seconds after : kLooks) {
    auto timer = std::make_shared<boost::asio::steady_timer>(parts_.loop, after);
    timer->async_wait([this, timer, grant, uid](const boost::system::error_code& stopped) {
      if (!stopped) Look(grant, uid);
    });
  }
}

void Aftermath::Look(const GrantId& grant, Uid uid) {
  if (may_be_in_ && may_be_in_(uid)) return;
  for (const auto& unit : parts_.tree.Children(SliceOf(uid), ".scope")) {
    const std::string scope = SliceOf(uid) + "/" + unit;
    const auto is_this = [&](const BookedSession& booked) { return booked.session.scope == scope; };
    if (std::any_of(parts_.book.All().begin(), parts_.book.All().end(), is_this)) continue;
    const std::size_t dash = unit.find('-');
    const std::string service = ServiceOfSession(unit.substr(dash + 1, unit.size() - dash - 1 - std::string(".scope").size()));
    if (service != "sshd" && service != "login") continue;
    Run(BookedSession{Session{scope, uid, grant, SessionKind::kLogin, ReadNow().utc}, {}, true}, false);
  }
}

void Aftermath::StrikeOut() {
  std::vector<Session> over;
  for (const auto& booked : parts_.book.All()) {
    const auto events = parts_.tree.Events(booked.session.scope);
    if (!booked.ending && (!events || !events->populated)) over.push_back(booked.session);
  }
  for (const auto& session : over) {
    static_cast<void>(parts_.book.Remove(session));
    parts_.journal.Note(SessionEvent(EndedSession{session, true, {}, {}}));
  }
}

bool Aftermath::IsQuiet(const GrantId& grant) const {
  return !running_.contains(grant) && std::none_of(parts_.book.All().begin(), parts_.book.All().end(), [&](const BookedSession& booked) {
    return booked.session.grant == grant && !stuck_.contains(booked.session.scope);
  });
}

std::vector<Survivor> Aftermath::SurvivorsOf(const GrantId& grant) const {
  const auto found = survivors_.find(grant);
  if (found == survivors_.end()) return {};
  std::vector<Survivor> alive;
  for (const auto& survivor : found->second) {
    if (IsThere(survivor)) alive.push_back(survivor);
  }
  return alive;
}

}  // namespace curfew
