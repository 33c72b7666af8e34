// SPDX-License-Identifier: Apache-2.0
// Boot-clock deadlines only ever come nearer for a grant with the same end: offering a bundle again after the clock was
// set back MUST NOT lengthen anything.
#include "agent/enforcer/offers/in_force.h"

#include "core/codec.h"

namespace curfew {
namespace {

Failure Unreadable(const char* what, const std::string& why) {
  return Fail(Errc::kMalformed, std::string("the stored ") + what + " does not verify: " + why, "state.db",
              "it comes again from the controller");
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

void CountDeadlines(InForce& in_force, const Now& now) {
  std::map<GrantId, BootInstant> deadlines;
  for (const Grant& grant : in_force.bundle->grants) {
    const BootInstant counted = now.boot + (grant.end - now.utc);
    const auto before = in_force.facts.deadline.find(grant.id);
    const auto known = in_force.known.find(grant.id);
    const bool same_end = known == in_force.known.end() || known->second.end == grant.end;
    const bool keep = before != in_force.facts.deadline.end() && same_end;
    deadlines[grant.id] = keep ? std::min(before->second, counted) : counted;
  }
  in_force.facts.deadline = std::move(deadlines);
}

}  // namespace

void AdoptRoles(InForce& in_force, const AcceptedRoles& roles) {
  in_force.facts.lowest_uid = roles.Value().ceilings.lowest_uid;
  in_force.roles = roles.Value();
}

void Adopt(InForce& in_force, const Accepted& accepted, const Now& now) {
  in_force.bundle = accepted.Value();
  in_force.mark = accepted.Mark();
  in_force.highest = std::max(in_force.highest, accepted.Value().issued);
  CountDeadlines(in_force, now);
}

void End(InForce& in_force, const EndedGrant& ended) {
  in_force.ended.emplace(ended.id, ended);
  in_force.facts.ended.insert(ended.id);
}

std::vector<Error> Restore(InForce& in_force, Remembered remembered, const Now& now) {
  std::vector<Error> errors;
  in_force.known = std::move(remembered.known);
  for (const auto& [id, ended] : remembered.ended) End(in_force, ended);
  if (remembered.bundle) {
    in_force.mark = remembered.bundle->mark;
    in_force.highest = remembered.bundle->highest;
  }
  if (!in_force.identity || !remembered.roles) return errors;
  auto roles = RestoreRoles(*in_force.identity, *remembered.roles);
  if (!roles) return {roles.error()};
  AdoptRoles(in_force, *roles);
  if (!remembered.bundle) return errors;
  auto accepted = RestoreBundle(in_force, *remembered.bundle, now.utc);
  if (!accepted) return {accepted.error()};
  Adopt(in_force, *accepted, now);
  return errors;
}

bool IsAhead(const InForce& in_force, const GrantId& id, Instant now) {
  if (!in_force.bundle || in_force.facts.ended.contains(id)) return false;
  const Grant* grant = FindGrant(*in_force.bundle, id);
  return grant != nullptr && now < grant->start && now < grant->end;
}

}  // namespace curfew
