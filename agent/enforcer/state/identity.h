// SPDX-License-Identifier: Apache-2.0
// Who this host is and whom it trusts first: written by `curfew-agent join`, read here, changed by nobody else.
#pragma once

#include <memory>
#include <optional>

#include "agent/paths.h"
#include "core/signature.h"
#include "core/trust.h"

namespace curfew {

struct Identity {
  HostId host;
  Role root;          ///< the keys that may sign the role table
  ContentHash owner;  ///< whose word this host's state is: of the controller as it was joined, however its root keys change
  std::shared_ptr<const PrivateKey> audit;
  /// The audit key is the host's own and stays.
  bool operator==(const Identity& other) const { return host == other.host && root == other.root && owner == other.owner; }
};

/// Nothing when this host has not joined; an error when its files are there but cannot be trusted.
[[nodiscard]] Result<std::optional<Identity>> ReadIdentity(const Paths& paths);

}  // namespace curfew
