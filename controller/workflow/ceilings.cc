// SPDX-License-Identifier: Apache-2.0
// Judged by the same function as on the host.
#include "controller/workflow/ceilings.h"

#include "controller/workflow/bundles.h"
#include "controller/workflow/enrolment.h"
#include "controller/workflow/grants.h"
#include "core/accept.h"

namespace curfew {
namespace {

constexpr const char* kByCeilings = "ceilings";

// As by a host that remembers nothing: each one may have to begin anew.
bool WouldTake(const Change& change, const HostId& host) {
  const RoleTable& roles = change.Keys().roles;
  const Role* role = FindRole(roles, Purpose::kBundle);
  if (role == nullptr) return false;
  const auto verified = Verify(change.Keep().BundleOf(host), Purpose::kBundle, *role);
  if (Denied(verified) != nullptr) return false;
  return Denied(Accept(std::get<Verified>(verified), Standing{host, std::nullopt, roles}, change.At())) == nullptr;
}

void EndIfOver(Change& change, GrantRecord& grant) {
  if (!IsLive(grant)) return;
  const auto request = StoredRequest(change, grant.request);
  const auto why = WhyOverCeilings(change, grant.host, GrantFor(change, request, grant));
  if (!why) return;
  EndGrant(change, grant, "condition");
  change.Tell(request.requester, request.id, "it ends now on " + grant.host_name.Text() + ", the hosts' ceilings came down: " + *why);
  Settle(change, request.id, kByCeilings);
}

}  // namespace

std::optional<std::string> WhyOverCeilings(const Change& change, const HostId& host, const Grant& grant) {
  const auto deny = WhyOver(grant, Standing{host, std::nullopt, change.Keys().roles});
  return deny ? std::optional<std::string>(deny->detail) : std::nullopt;
}

void KeepWithinCeilings(Change& change) {
  for (const auto& host : change.Keep().Hosts()) {
    if (host.version == 0 || !IsHeard(host) || WouldTake(change, host.id)) continue;
    for (auto& grant : change.Keep().GrantsOn(host.id, change.At())) EndIfOver(change, grant);
    change.Reseal(host.id);
  }
}

}  // namespace curfew
