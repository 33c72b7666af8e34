// SPDX-License-Identifier: Apache-2.0
// Boot-clock deadlines only ever come nearer for a grant with the same end: offering a bundle again after the clock was
// set back MUST NOT lengthen anything.
#include "agent/enforcer/state/in_force.h"

#include "core/codec.h"

namespace curfew {
namespace {

Failure Unreadable(const char* what, const std::string& why) {
  return Fail(Errc::kMalformed, std::string("the stored ") + what + " does not verify: " + why, "state.db");
}

Result<AcceptedRoles> RestoreRoles(const Identity& identity, const std::string& sealed) {
  const auto verified = Verify(sealed, Purpose::kRoles, identity.root);
  if (const Deny* deny = Denied(verified)) return Unreadable("role table", deny->detail);
  auto roles = AcceptRoles(std::get<Verified>(verified), std::nullopt);
  if (const Deny* deny = Denied(roles)) return Unreadable("role table", deny->detail);
  return std::get<AcceptedRoles>(std::move(roles));
}

Result<Accepted> RestoreBundle(const InForce& in_force, const SealedBundle& stored, Instant now) {
  const Role* role = FindRole(*in_force.roles, Purpose::kBundle);
  if (role == nullptr) return Unreadable("bundle", "no role may sign bundles");
  const auto verified = Verify(stored.sealed, Purpose::kBundle, *role);
  if (const Deny* deny = Denied(verified)) return Unreadable("bundle", deny->detail);
  auto accepted = Accept(std::get<Verified>(verified), Standing{in_force.identity->host, stored.mark, *in_force.roles}, now);
  if (const Deny* deny = Denied(accepted)) return Unreadable("bundle", deny->detail);
  return std::get<Accepted>(std::move(accepted));
}

// Both clocks are read in whole milliseconds: counted often, no deadline may come before its time.
constexpr Millis kRounding{1};

void CountDeadlines(InForce& in_force, const Now& now) {
  const Instant latest = std::max(now.utc, in_force.highest);
  std::map<GrantId, BootInstant> deadlines;
  for (const Grant& grant : in_force.bundle->grants) {
    const BootInstant counted = now.boot + (grant.end - latest) + kRounding;
    const auto before = in_force.facts.deadline.find(grant.id);
    const auto known = in_force.known.find(grant.id);
    const bool same_end = known == in_force.known.end() || known->second.end == grant.end;
    const bool keep = before != in_force.facts.deadline.end() && same_end;
    deadlines[grant.id] = keep ? std::min(before->second, counted) : counted;
  }
  in_force.facts.deadline = std::move(deadlines);
}

// A higher version is the controller's newer word about the time, too. Without this one wrong clock of its own, for one second,
// would end all that this host is ever given again.
void TakeBackTime(InForce& in_force, Instant issued) {
  in_force.highest = issued;
  in_force.facts.not_before = Instant{};
  in_force.facts.deadline.clear();
}

}  // namespace

void AdoptRoles(InForce& in_force, const AcceptedRoles& roles) {
  in_force.facts.lowest_uid = roles.Value().ceilings.lowest_uid;
  in_force.roles = roles.Value();
}

bool HearTime(InForce& in_force, Instant signed_time, const Now& now) {
  if (signed_time <= in_force.highest) return false;
  in_force.highest = signed_time;
  in_force.facts.not_before = Instant{};
  if (in_force.bundle) CountDeadlines(in_force, now);
  return true;
}

void Adopt(InForce& in_force, const Accepted& accepted, const Now& now) {
  if (!accepted.Same() && accepted.Value().issued < in_force.highest) TakeBackTime(in_force, accepted.Value().issued);
  in_force.bundle = accepted.Value();
  in_force.mark = accepted.Mark();
  in_force.unreadable.clear();
  if (!HearTime(in_force, accepted.Value().issued, now)) CountDeadlines(in_force, now);
}

void End(InForce& in_force, const EndedGrant& ended) {
  in_force.ended.emplace(ended.id, ended);
  in_force.facts.ended.insert(ended.id);
}

std::vector<EndedGrant> TakeAway(InForce& in_force, const Bundle& next, Instant now) {
  std::vector<EndedGrant> taken;
  const Bundle ours = in_force.BundleOrNone();
  for (const Grant& grant : ours.grants) {
    const auto stone = std::find_if(next.ended.begin(), next.ended.end(), [&](const auto& one) { return one.grant == grant.id; });
    const bool stays = std::find(next.grants.begin(), next.grants.end(), grant) != next.grants.end();
    const bool is_over = grant.end <= now || in_force.facts.ended.contains(grant.id);
    if (is_over || (stays && stone == next.ended.end())) continue;
    taken.push_back(EndedGrant{grant.id, grant.end + kRemember, stone == next.ended.end() ? "revoked" : stone->cause});
    End(in_force, taken.back());
  }
  for (const ManagedAccount& account : next.managed) {
    if (!in_force.bundle) break;
    auto& managed = in_force.bundle->managed;
    if (std::find(managed.begin(), managed.end(), account) == managed.end()) managed.push_back(account);
  }
  return taken;
}

Result<void> Restore(InForce& in_force, Remembered remembered, const Now& now) {
  in_force.known = std::move(remembered.known);
  for (const auto& [id, ended] : remembered.ended) End(in_force, ended);
  in_force.highest = remembered.highest.at;
  if (!remembered.highest.this_boot) in_force.facts.not_before = remembered.highest.at;
  if (remembered.bundle) in_force.mark = remembered.bundle->mark;
  if (!in_force.identity || !remembered.roles) return {};
  auto roles = RestoreRoles(*in_force.identity, *remembered.roles);
  if (!roles) return Failure(roles.error());
  AdoptRoles(in_force, *roles);
  if (!remembered.bundle) return {};
  auto accepted = RestoreBundle(in_force, *remembered.bundle, now.utc);
  if (!accepted) return Failure(accepted.error());
  in_force.bundle = accepted->Value();
  CountDeadlines(in_force, now);
  return {};
}

bool MayYetBeGiven(const InForce& in_force, const KnownGrant& known, Instant now) {
  if (in_force.facts.ended.contains(known.id)) return false;
  if (in_force.IsBlind()) return now < known.end;
  if (!in_force.bundle) return false;
  const Grant* grant = FindGrant(*in_force.bundle, known.id);
  const bool early = grant != nullptr && (now < grant->start || now < in_force.facts.not_before);
  return early && now < grant->end;
}

}  // namespace curfew
