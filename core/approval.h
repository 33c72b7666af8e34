// SPDX-License-Identifier: Apache-2.0
// A person's signed yes. It names the request and binds what was asked for, so that a controller that was taken over can
// reuse it neither for another request nor for more.
#pragma once

#include <string>
#include <vector>

#include "core/grant.h"
#include "core/trust.h"

namespace curfew {

/// What an approver signs.
struct ApprovedTerms {
  ContentHash request;         ///< Grant::request_hash: the request as the approver saw it
  ContentHash terms;           ///< TermsHash of the grants to be made
  Seconds longest{0};          ///< the longest grant that the yes covers
  Instant until;               ///< no grant under it ends later
  std::vector<HostId> hosts;   ///< the hosts it is for
  bool operator==(const ApprovedTerms&) const = default;
};

inline constexpr std::size_t kMaxApprovedHosts = 200;

/// SHA-256 over what a grant gives and to whom: all of it but id, uid, lineage, times,
/// request hash, approvals, reason and ticket.
[[nodiscard]] ContentHash TermsHash(const Grant& grant);

/// Fixed frame: "APR1", request, terms, longest, until (i64 BE, whole seconds), hosts; at most kMaxApprovedHosts.
[[nodiscard]] std::string EncodeApproval(const ApprovedTerms& approval);
[[nodiscard]] Result<ApprovedTerms> DecodeApproval(const Verified& body);

/// How many distinct keys of the approver role said yes to this grant on this host. A principal's own yes does not count.
[[nodiscard]] std::size_t CountApprovals(const Grant& grant, const HostId& host, const RoleTable& roles);

}  // namespace curfew
