// SPDX-License-Identifier: Apache-2.0
// What holds on this host now: memory's copy of what is durable, and the facts looked up for it. Changed on the loop only.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "agent/enforcer/state/identity.h"
#include "agent/enforcer/state/record.h"
#include "core/accept.h"
#include "core/desired.h"
#include "core/signed_time.h"
#include "core/sudoers.h"

namespace curfew {

struct InForce {
  std::optional<Identity> identity;
  std::optional<RoleTable> roles;
  std::optional<BundleMark> mark;
  std::optional<Bundle> bundle;
  std::map<GrantId, std::string> over;  ///< of the bundle: which grants the ceilings of today have ended in it, and why
  std::string unreadable;  ///< why the bundle cannot be read, where the disk holds one
  std::string untrusted;   ///< why the identity cannot be read, where the disk holds one
  TimeMark time;
  std::map<GrantId, KnownGrant> known;
  std::map<GrantId, EndedGrant> ended;
  HostFacts facts;
  std::set<AccountName> looked_up;  ///< accounts about which the user database has said something
  SudoTraits traits;

  /// The host has joined, but its bundle is not to be had (never came, lost, unreadable): nothing is granted, and who is
  /// gated is not known, so no gate opens.
  [[nodiscard]] bool IsBlind() const { return !bundle && (identity || !untrusted.empty()); }
  [[nodiscard]] Bundle BundleOrNone() const { return bundle.value_or(Bundle{}); }
};

/// Verifies again what the disk held; what does not hold is left out and named.
[[nodiscard]] Result<void> Restore(InForce& in_force, Remembered remembered, const Now& now);

/// The role table is durable: what is in force is judged by it at once, as after a restart. Without a bundle that its keys
/// signed the host is blind; of one they signed only the grants fall that the new ceilings deny.
void AdoptRoles(InForce& in_force, const AcceptedRoles& roles, const Result<std::optional<SealedBundle>>& stored, const Now& now);

/// The bundle is durable: from now on it is what is desired.
void Adopt(InForce& in_force, const Accepted& accepted, const Now& now);

/// A time that the controller signed: deadlines are counted from it, and a clock that was behind it is known by now.
/// False when what may be given is what it was.
bool HearTime(InForce& in_force, const AcceptedDelivered& delivered, const Now& now);

/// What `next` takes away of what is in force: a bundle that the disk refuses ends these all the same, and gives nothing.
/// Gates close that it closes.
[[nodiscard]] std::vector<EndedGrant> TakeAway(InForce& in_force, const Bundle& next, Instant now);

/// This grant is over here for good.
void End(InForce& in_force, const EndedGrant& ended);

/// True for a grant that is not over, though it may not be live: its time has not come, or seems not to by a clock that was
/// set back, or the bundle that would say so is not to be had.
[[nodiscard]] bool MayYetBeGiven(const InForce& in_force, const KnownGrant& known, const Now& now);

}  // namespace curfew
