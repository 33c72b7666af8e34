// SPDX-License-Identifier: Apache-2.0
// Nobody wrote down which grant such a login came by. It goes on under the live login grant that ends first: a guess that is
// too short ends a session early, one that is too long would be access that nobody gave.
#include "agent/enforcer/sessions/newcomers.h"

#include <algorithm>
#include <utility>

#include "core/host_files.h"
#include "os/machine.h"
#include "os/system_bus.h"

namespace curfew {
namespace {

// logind has a scope some moments before its login asks the gate, which takes two seconds at most.
constexpr Seconds kAsking{3};
constexpr Seconds kAgain{5};

const Grant* EndsFirst(const Desired& desired, Uid uid) {
  const Grant* first = nullptr;
  for (const Grant& grant : desired.live) {
    if (grant.uid == uid && grant.login && (first == nullptr || grant.end < first->end)) first = &grant;
  }
  return first;
}

}  // namespace

template <class Then>
void Newcomers::Find(const Gated& account, Then then) {
  parts_.ends.Ask(account.uid, [&tree = parts_.tree, root = parts_.root, uid = account.uid] { return FindLogins(tree, root, uid); },
                  std::move(then));
}

void Newcomers::Greet(const Desired& desired) {
  desired_ = &desired;
  std::set<Uid> gated;
  std::vector<Gated> fresh;
  for (const Gated& account : desired.managed) {
    if (!account.gate.login || account.uid == 0) continue;
    gated.insert(account.uid);
    if (!greeted_.contains(account.uid)) fresh.push_back(account);
  }
  greeted_ = std::move(gated);
  for (const Gated& account : fresh) {
    Find(account, [this, account](const Scopes& scopes) { Take(account, scopes); });
  }
}

void Newcomers::LookAround(const Desired& desired, bool asked) {
  if (asked && !asked_) greeted_.clear();
  asked_ = asked;
  Greet(desired);
  if (!asked) return;
  for (const Gated& account : desired.managed) {
    // Where nobody of theirs is there, no thread is woken for it.
    if (!account.gate.login || account.uid == 0) continue;
    if (!parts_.tree.Exists(SliceOf(account.uid))) {
      KeepSpared(account.uid, {});
      continue;
    }
    Find(account, [this, account](const Scopes& scopes) { Judge(account, scopes); });
  }
}

// Found twice, so that it had the time to ask: nobody who is logging in is taken for a stranger.
void Newcomers::Judge(const Gated& account, const Scopes& scopes) {
  if (!scopes || !greeted_.contains(account.uid)) return;
  KeepSpared(account.uid, *scopes);
  const BootInstant now = ReadNow().boot;
  const auto before = std::exchange(suspects_[account.uid], {});
  auto& suspects = suspects_[account.uid];
  for (const auto& scope : *scopes) {
    if (parts_.book.HasLogin(scope) || spared_.contains(scope)) continue;
    const auto since = before.find(scope);
    suspects[scope] = since == before.end() ? now : since->second;
    if (suspects[scope] + kAsking <= now) Suspect(account, scope);
  }
  for (const auto& [scope, since] : before) {
    if (!suspects.contains(scope)) told_.erase(scope);
  }
  if (suspects.empty()) return;
  again_.expires_after(kAgain);
  again_.async_wait([this](const boost::system::error_code& stopped) {
    if (!stopped) LookAround(*desired_, asked_);
  });
}

// logind may give the name of one that is gone to another.
void Newcomers::KeepSpared(Uid uid, const std::vector<std::string>& open) {
  std::erase_if(spared_, [&](const std::string& scope) {
    return scope.starts_with(SliceOf(uid) + "/") && std::find(open.begin(), open.end(), scope) == open.end();
  });
}

// A session of PAM's is opened by root alone, and the gate is asked last of all, after modules that may take their time: while
// nothing there runs as the account, nobody is in.
void Newcomers::Suspect(const Gated& account, const std::string& scope) {
  const auto is_in = [&tree = parts_.tree, uid = account.uid, scope] {
    const auto inside = InsideOf(tree, scope);
    return !inside || std::any_of(inside->begin(), inside->end(), [&](const ProcessFacts& process) { return RunsAs(process, uid); });
  };
  parts_.ends.Ask(account.uid, is_in, [this, account, scope](bool in) {
    if (in && !parts_.book.HasLogin(scope)) EndStranger(account, scope);
  });
}

// Found again at each look until nothing lives in it.
void Newcomers::EndStranger(const Gated& account, const std::string& scope) {
  if (!IsKillableScope(scope, account.uid)) return;
  const auto killed = parts_.tree.Kill(scope);
  parts_.slow.Ask([id = SessionIdOf(scope)] { return TerminateSession(id); }, [](const Result<void>&) {});
  if (!told_.insert(scope).second) return;
  const std::string how = killed ? "; it is ended. What else it left: ps -o pid,args -U " + std::to_string(account.uid)
                                 : "; it cannot be ended: " + killed.error().Text();
  Event event = DraftEvent(ReadNow().utc, killed ? EventKind::kSessionEnded : EventKind::kResidual, Severity::kAlarm,
                           "login with the uid of " + account.name.Text() + " in " + scope +
                               " came around the gate, by another name of that uid or past PAM" + how);
  event.actor = account.name.Text();
  parts_.journal.Note(std::move(event));
}

void Newcomers::Take(const Gated& account, const Scopes& scopes) {
  // Cannot say is not "nothing there", and the looks after an end come upon it themselves: a later turn asks again.
  if (!scopes || parts_.aftermath.IsAwaited(account.uid)) {
    greeted_.erase(account.uid);
    return;
  }
  for (const auto& scope : *scopes) {
    if (!parts_.book.HasLogin(scope) && !spared_.contains(scope)) TakeScope(account, scope);
  }
}

void Newcomers::TakeScope(const Gated& account, const std::string& scope) {
  const Instant now = ReadNow().utc;
  const std::string whose = "login of " + account.name.Text() + " in " + scope;
  const Grant* grant = EndsFirst(*desired_, account.uid);
  if (grant == nullptr) {
    spared_.insert(scope);
    Event event = DraftEvent(now, EventKind::kResidual, Severity::kAlarm,
                             whose + " was open before the account was guarded and has no grant; it stays. To end it: "
                                     "loginctl terminate-session " + SessionIdOf(scope));
    event.actor = account.name.Text();
    return parts_.journal.Note(std::move(event));
  }
  // What cannot be written is written by the next turn's Repair, which says so.
  static_cast<void>(parts_.book.Add(Session{scope, account.uid, grant->id, SessionKind::kLogin, grant->end}, kNoAuditSession));
  Event event = DraftEvent(now, EventKind::kRecovered, Severity::kWarning, whose + " was in no book; it ends with this grant");
  event.grant = grant->id.Text();
  event.actor = account.name.Text();
  parts_.journal.Note(std::move(event));
  parts_.waker.Wake();
}

}  // namespace curfew
