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

// As by a host that remembers nothing: each one may have to begin anew.
std::optional<std::string> WhyNotTaken(const Change& change, const HostId& host, std::string_view sealed) {
  const RoleTable& roles = change.Keys().roles;
  const Role* role = FindRole(roles, Purpose::kBundle);
  if (role == nullptr) return "the role table names no key for bundles";
  const auto verified = Verify(sealed, Purpose::kBundle, *role);
  if (const auto* deny = Denied(verified)) return deny->detail;
  const auto accepted = Accept(std::get<Verified>(verified), Standing{host, std::nullopt, roles}, change.At());
  if (const auto* deny = Denied(accepted)) return deny->detail;
  return std::nullopt;
}

void KeepWithinCeilings(Change& change, const HostRecord& host) {
  if (host.version == 0 || !IsHeard(host) || !WhyNotTaken(change, host.id, change.Keep().BundleOf(host.id))) return;
  for (auto& grant : change.Keep().GrantsOn(host.id, change.At())) EndIfOver(change, grant);
  change.Reseal(host.id);
}

}  // namespace curfew
