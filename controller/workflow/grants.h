// SPDX-License-Identifier: Apache-2.0
// Grants from birth to proof, and the request's state that follows from theirs.
#pragma once

#include <optional>
#include <string>

#include "controller/workflow/change.h"

namespace curfew {

/// A fresh id of 20 random characters behind `prefix` ("g-" or "r-").
[[nodiscard]] std::string NewId(std::string_view prefix);

/// Every stage of a request has its yeses. Exists only through AllApproved.
class FullyApproved {
 private:
  friend std::optional<FullyApproved> AllApproved(const RequestRecord& request);
  FullyApproved() = default;
};
[[nodiscard]] std::optional<FullyApproved> AllApproved(const RequestRecord& request);

/// One waiting grant for each host of an approved request that policy, groups and keys of now still give it on; the
/// request becomes provisioning, or failed when no host is left.
[[nodiscard]] Outcome<void> Provision(Change& change, RequestRecord& request, const FullyApproved& approved,
                                      const std::string& by);

/// It is given, or is about to be.
[[nodiscard]] bool IsLive(const GrantRecord& grant);

/// It ended before its time, or failed: bundles carry a tombstone for it.
[[nodiscard]] bool IsTakenAway(const GrantRecord& grant);

/// Ends a live grant from here, sealed at once unless its own time is over: unconfirmed until its host
/// proves it.
void EndGrant(Change& change, GrantRecord& grant, const std::string& cause);

/// The host could not or did not give it: a tombstone is signed at once, whatever the host does later.
void FailGrant(Change& change, GrantRecord& grant, const std::string& why);

/// Moves the request to where its grants say it is.
void Settle(Change& change, const RequestId& request, const std::string& by);

}  // namespace curfew
