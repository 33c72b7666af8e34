// SPDX-License-Identifier: Apache-2.0
// An unbooked session is ended only when logind says that it came by sshd or login: cron and su of root are not ours.
#include "agent/enforcer/aftermath.h"

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

void Aftermath::EndSession(const Session& session) {
  for (const auto& booked : parts_.book.All()) {
    if (booked.session == session && !booked.ending) {
      const BookedSession copy = booked;
      parts_.book.SetEnding(session, true);
      return Run(copy, true);
    }
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
  parts_.journal.Note(SessionEvent(ended));
  auto& survivors = survivors_[ended.session.grant];
  survivors.insert(survivors.end(), ended.survivors.begin(), ended.survivors.end());
  // What could not be ended stays in the book: the next turn plans its end again, and the reaper knows of it.
  if (in_book && ended.gone) static_cast<void>(parts_.book.Remove(ended.session));
  if (in_book && !ended.gone) {
    auto later = std::make_shared<boost::asio::steady_timer>(parts_.loop, Seconds{5});
    later->async_wait([this, later, session = ended.session](const boost::system::error_code& stopped) {
      if (stopped) return;
      parts_.book.SetEnding(session, false);
      parts_.waker.Wake();
    });
  }
  parts_.waker.Wake();
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

bool Aftermath::IsQuiet(const GrantId& grant) const { return !running_.contains(grant) && !parts_.book.HasAnyOf(grant); }

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
