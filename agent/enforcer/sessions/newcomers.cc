// SPDX-License-Identifier: Apache-2.0
// Nobody wrote down which grant such a login came by. It goes on under the live login grant that ends first: a guess that is
// too short ends a session early, one that is too long would be access that nobody gave.
#include "agent/enforcer/sessions/newcomers.h"

#include <algorithm>

#include "core/host_files.h"
#include "os/machine.h"

namespace curfew {
namespace {

const Grant* EndsFirst(const Desired& desired, Uid uid) {
  const Grant* first = nullptr;
  for (const Grant& grant : desired.live) {
    if (grant.uid == uid && grant.login && (first == nullptr || grant.end < first->end)) first = &grant;
  }
  return first;
}

}  // namespace

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
    parts_.ends.Ask(account.uid, [&tree = parts_.tree, root = parts_.root, uid = account.uid] { return FindLogins(tree, root, uid); },
                    [this, account](const Scopes& scopes) { Take(account, scopes); });
  }
}

void Newcomers::GreetAnew(const Desired& desired) {
  greeted_.clear();
  Greet(desired);
}

// logind may give the name of one that is gone to another.
void Newcomers::ForgetGone(Uid uid, const std::vector<std::string>& open) {
  std::erase_if(spared_, [&](const std::string& scope) {
    return scope.starts_with(SliceOf(uid) + "/") && std::find(open.begin(), open.end(), scope) == open.end();
  });
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
