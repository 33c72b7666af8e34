// SPDX-License-Identifier: Apache-2.0
// A session of PAM's is opened by root alone, and the gate is asked last of all: nobody who is on the way in is a stranger.
#include "agent/enforcer/sessions/strangers.h"

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

}  // namespace

void Strangers::LookAround(const Desired& desired, bool asked) {
  desired_ = &desired;
  const bool before = std::exchange(asked_, asked);
  if (asked && !before) {
    parts_.newcomers.GreetAnew(desired);
  } else {
    parts_.newcomers.Greet(desired);
  }
  if (!asked) return;
  for (const Gated& account : desired.managed) {
    // Where nobody of theirs is there, no thread is woken for it.
    if (!account.gate.login || account.uid == 0) continue;
    if (!parts_.tree.Exists(SliceOf(account.uid))) {
      parts_.newcomers.ForgetGone(account.uid, {});
      continue;
    }
    parts_.ends.Ask(account.uid, [&tree = parts_.tree, root = parts_.root, uid = account.uid] { return FindLogins(tree, root, uid); },
                    [this, account](const Scopes& scopes) { Judge(account, scopes); });
  }
}

// Found twice, so that it had the time to ask: nobody who is logging in is taken for a stranger.
void Strangers::Judge(const Gated& account, const Scopes& scopes) {
  if (!scopes || !parts_.newcomers.HasGreeted(account.uid)) return;
  parts_.newcomers.ForgetGone(account.uid, *scopes);
  const BootInstant now = ReadNow().boot;
  const auto before = std::exchange(suspects_[account.uid], {});
  auto& suspects = suspects_[account.uid];
  for (const auto& scope : *scopes) {
    if (parts_.book.HasLogin(scope) || parts_.newcomers.Spares(scope)) continue;
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

// Modules before the gate's may take their time: while nothing there runs as the account, nobody is in.
void Strangers::Suspect(const Gated& account, const std::string& scope) {
  const auto is_in = [&tree = parts_.tree, uid = account.uid, scope] {
    const auto inside = InsideOf(tree, scope);
    return !inside || std::any_of(inside->begin(), inside->end(), [&](const ProcessFacts& process) { return RunsAs(process, uid); });
  };
  parts_.ends.Ask(account.uid, is_in, [this, account, scope](bool in) {
    if (in && !parts_.book.HasLogin(scope)) EndStranger(account, scope);
  });
}

// Found again at each look until nothing lives in it.
void Strangers::EndStranger(const Gated& account, const std::string& scope) {
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

}  // namespace curfew
