// SPDX-License-Identifier: Apache-2.0
// From a bundle to what should be. A grant is left out unless every condition holds.
#include "core/desired.h"

#include <algorithm>

#include "core/sudoers.h"

namespace curfew {
namespace {

/// The uid under which the grant's account is here; nullopt where it is not, or may not be granted.
std::optional<Uid> UidHere(const AccountName& account, const HostFacts& facts) {
  const auto user = facts.users.find(account);
  if (user == facts.users.end() || user->second < facts.lowest_uid || user->second == 0) return std::nullopt;
  return user->second;
}

std::set<GrantId> EndedIds(const Bundle& bundle, const HostFacts& facts) {
  std::set<GrantId> ended = facts.ended;
  for (const Tombstone& tombstone : bundle.ended) ended.insert(tombstone.grant);
  return ended;
}

bool IsOver(const Grant& grant, const std::set<GrantId>& ended, const HostFacts& facts, const Now& now) {
  return ended.contains(grant.id) || EndHasCome(grant.id, grant.end, facts, now);
}

bool IsExact(const Grant& grant) { return !grant.sudo || !WhyNotExact(*grant.sudo); }

void Sort(std::vector<Grant>& grants) {
  std::stable_sort(grants.begin(), grants.end(), [](const Grant& a, const Grant& b) { return a.id < b.id; });
  const auto same =
      std::unique(grants.begin(), grants.end(), [](const Grant& a, const Grant& b) { return a.id == b.id; });
  grants.erase(same, grants.end());
}

void AddAccess(Access& access, const Grant& grant) {
  if (grant.sudo && grant.uid) access.rules.push_back(Rule{grant.id, *grant.uid, *grant.sudo, grant.end});
  if (!grant.login) return;
  std::vector<LoginKey> keys = grant.login->keys;
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  if (keys.empty()) return;
  auto& lines = access.keys[grant.account];
  for (LoginKey& key : keys) lines.push_back(KeyLine{grant.id, std::move(key), grant.login->sources, grant.end});
}

std::vector<Gated> ManagedHere(const Bundle& bundle, const HostFacts& facts) {
  std::map<AccountName, Gated> here;
  for (const ManagedAccount& account : bundle.managed) {
    // Not known is no reason to leave it out: its gate would open for as long as a directory service is away.
    const bool known = facts.users.contains(account.name);
    const auto uid = UidHere(account.name, facts);
    if ((known && !uid) || facts.barred.contains(account.name) || (!account.gate.login && !account.gate.sudo)) continue;
    auto& gate = here.try_emplace(account.name, Gated{account.name, uid.value_or(kNoUid), {}}).first->second.gate;
    gate.login = gate.login || account.gate.login;
    gate.sudo = gate.sudo || account.gate.sudo;
  }
  std::vector<Gated> managed;
  managed.reserve(here.size());
  for (auto& [name, gated] : here) managed.push_back(std::move(gated));
  return managed;
}

template <class Moment>
void Sooner(std::optional<Moment>& soonest, Moment candidate, Moment now) {
  if (candidate > now && (!soonest || candidate < *soonest)) soonest = candidate;
}

}  // namespace

bool IsGatedFor(const std::vector<Gated>& managed, const AccountName& account, Gate given) {
  const auto gated = std::lower_bound(managed.begin(), managed.end(), account,
                                      [](const Gated& one, const AccountName& name) { return one.name < name; });
  if (gated == managed.end() || gated->name != account) return false;
  return (gated->gate.login || !given.login) && (gated->gate.sudo || !given.sudo);
}

bool EndHasCome(const GrantId& grant, Instant end, const HostFacts& facts, const Now& now) {
  const auto deadline = facts.deadline.find(grant);
  return now.utc >= end || (deadline != facts.deadline.end() && now.boot >= deadline->second);
}

Desired DesiredState(const Bundle& bundle, const HostFacts& facts, const Now& now) {
  Desired desired;
  desired.managed = ManagedHere(bundle, facts);
  const std::set<GrantId> ended = EndedIds(bundle, facts);
  for (const Grant& grant : bundle.grants) {
    const bool over = IsOver(grant, ended, facts, now);
    if (!over && (now.utc < grant.start || now.utc < facts.not_before)) continue;
    const auto uid = UidHere(grant.account, facts);
    if (!uid || (grant.uid && *grant.uid != *uid) || !IsExact(grant)) continue;
    // What PAM does not tell of is in no book, and would outlive the proof.
    if (!over && !IsGatedFor(desired.managed, grant.account, {grant.login.has_value(), grant.sudo.has_value()})) continue;
    auto& place = over ? desired.past : desired.live;
    place.push_back(grant);
    place.back().uid = uid;
  }
  Sort(desired.live);
  Sort(desired.past);
  for (const Grant& grant : desired.live) AddAccess(desired.access, grant);
  return desired;
}

const Grant* FindGrant(const Bundle& bundle, const GrantId& id) {
  const auto found = std::find_if(bundle.grants.begin(), bundle.grants.end(), [&](const Grant& grant) { return grant.id == id; });
  return found != bundle.grants.end() ? &*found : nullptr;
}

const Grant* FindGrant(const std::vector<Grant>& sorted, const GrantId& id) {
  const auto found =
      std::lower_bound(sorted.begin(), sorted.end(), id, [](const Grant& grant, const GrantId& name) { return grant.id < name; });
  return found != sorted.end() && found->id == id ? &*found : nullptr;
}

NextWake NextChange(const Bundle& bundle, const HostFacts& facts, const Now& now) {
  NextWake next;
  Sooner(next.utc, facts.not_before, now.utc);
  const std::set<GrantId> ended = EndedIds(bundle, facts);
  for (const Grant& grant : bundle.grants) {
    if (IsOver(grant, ended, facts, now)) continue;
    Sooner(next.utc, grant.start, now.utc);
    Sooner(next.utc, grant.end, now.utc);
    const auto deadline = facts.deadline.find(grant.id);
    if (deadline != facts.deadline.end()) Sooner(next.boot, deadline->second, now.boot);
  }
  return next;
}

}  // namespace curfew
