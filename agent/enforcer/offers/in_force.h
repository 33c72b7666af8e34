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
#include "core/sudoers.h"

namespace curfew {

struct InForce {
  std::optional<Identity> identity;
  std::optional<RoleTable> roles;
  std::optional<BundleMark> mark;
  std::optional<Bundle> bundle;  ///< none while a mark is there: what is stored cannot be read
  Instant highest{};
  std::map<GrantId, KnownGrant> known;
  std::map<GrantId, EndedGrant> ended;
  HostFacts facts;
  std::set<AccountName> looked_up;  ///< accounts about which the user database has said something
  SudoTraits traits;

  /// The mark is durable, but its bundle is not to be had: nothing is granted, and no gate opens.
  [[nodiscard]] bool IsBlind() const { return mark && !bundle; }
  [[nodiscard]] Bundle BundleOrNone() const { return bundle.value_or(Bundle{}); }
};

/// Verifies again what the disk held; each thing that does not hold is left out and named.
[[nodiscard]] std::vector<Error> Restore(InForce& in_force, Remembered remembered, const Now& now);

/// The bundle is durable: from now on it is what is desired.
void Adopt(InForce& in_force, const Accepted& accepted, const Now& now);

/// This grant is over here for good.
void End(InForce& in_force, const EndedGrant& ended);

/// The role table is durable.
void AdoptRoles(InForce& in_force, const AcceptedRoles& roles);

/// A grant that the bundle lists and whose time has not come.
[[nodiscard]] bool IsAhead(const InForce& in_force, const GrantId& id, Instant now);

}  // namespace curfew
