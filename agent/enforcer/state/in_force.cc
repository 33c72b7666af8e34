// SPDX-License-Identifier: Apache-2.0
// Boot-clock deadlines only ever come nearer for a grant with the same end: offering a bundle again after the clock was
// set back, or starting again, MUST NOT lengthen anything, nor a bundle that takes a signed time back.
#include "agent/enforcer/state/in_force.h"

#include <utility>

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

Result<Accepted> ReadStored(const InForce& in_force, const SealedBundle& stored, Instant now) {
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
  const Instant latest = LatestTime(in_force.time, now);
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

void KeepTime(InForce& in_force, const TimeMark& mark, const Now& now) {
  if (mark != in_force.time) in_force.facts.not_before = Instant{};
  in_force.time = mark;
  if (in_force.bundle) CountDeadlines(in_force, now);
}

// The bundle in force, judged again, keeps the gates closed that a later one, which the disk refused, has closed.
void Serve(InForce& in_force, const Accepted& accepted) {
  std::optional<Bundle> before = std::exchange(in_force.bundle, accepted.Value());
  if (accepted.Same() && before) in_force.bundle->managed = std::move(before->managed);
  in_force.unreadable.clear();
  in_force.over = accepted.Over();
}

void UseRoles(InForce& in_force, const AcceptedRoles& roles) {
  in_force.facts.lowest_uid = roles.Value().ceilings.lowest_uid;
  in_force.roles = roles.Value();
}

// One judgement of what the disk holds, after a restart and under other roles.
Result<void> ServeStored(InForce& in_force, const SealedBundle& stored, const Now& now) {
  auto accepted = ReadStored(in_force, stored, now.utc);
  if (!accepted) {
    in_force.bundle.reset();
    in_force.unreadable = accepted.error().Text();
    return Failure(accepted.error());
  }
  Serve(in_force, *accepted);
  CountDeadlines(in_force, now);
  return {};
}

}  // namespace

void AdoptRoles(InForce& in_force, const AcceptedRoles& roles, const Result<std::optional<SealedBundle>>& stored, const Now& now) {
  UseRoles(in_force, roles);
  if (!stored) {
    in_force.bundle.reset();
    in_force.unreadable = "the stored bundle cannot be read: " + stored.error().Text();
  } else if (*stored) {
    static_cast<void>(ServeStored(in_force, **stored, now));
  }
}

bool HearTime(InForce& in_force, const AcceptedDelivered& delivered, const Now& now) {
  const TimeMark mark = Heard(in_force.time, delivered, now);
  if (mark == in_force.time) return false;
  const Instant not_before = in_force.facts.not_before;
  const auto deadlines = in_force.facts.deadline;
  KeepTime(in_force, mark, now);
  return not_before != in_force.facts.not_before || deadlines != in_force.facts.deadline;
}

void Adopt(InForce& in_force, const Accepted& accepted, const Now& now) {
  Serve(in_force, accepted);
  in_force.mark = accepted.Mark();
  KeepTime(in_force, Heard(in_force.time, accepted, now), now);
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
  in_force.time = remembered.time;
  if (!IsOfThisBoot(in_force.time)) in_force.facts.not_before = LatestSigned(in_force.time);
  if (remembered.bundle) in_force.mark = remembered.bundle->mark;
  if (!in_force.identity || !remembered.roles) return {};
  auto roles = RestoreRoles(*in_force.identity, *remembered.roles);
  if (!roles) return Failure(roles.error());
  UseRoles(in_force, *roles);
  return remembered.bundle ? ServeStored(in_force, *remembered.bundle, now) : Result<void>();
}

bool MayYetBeGiven(const InForce& in_force, const KnownGrant& known, const Now& now) {
  const HostFacts& facts = in_force.facts;
  if (facts.ended.contains(known.id) || in_force.over.contains(known.id)) return false;
  const Grant* grant = in_force.bundle ? FindGrant(*in_force.bundle, known.id) : nullptr;
  if (EndHasCome(known.id, grant == nullptr ? known.end : grant->end, facts, now)) return false;
  return in_force.IsBlind() || (grant != nullptr && (now.utc < grant->start || now.utc < facts.not_before));
}

}  // namespace curfew
