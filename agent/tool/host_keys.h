// SPDX-License-Identifier: Apache-2.0
// The host's two signing keys: identity (who it is, for ever) and audit (what it says). Made once, kept when asked
// again.
#pragma once

#include "agent/paths.h"
#include "core/signature.h"

namespace curfew {

struct HostKeys {
  PrivateKey identity;
  PrivateKey audit;
};

/// Reads /var/lib/curfew/state/{identity,audit}.key, making what is missing: 32-byte seeds, 0600 root, durable.
[[nodiscard]] Result<HostKeys> KeepHostKeys(const Paths& paths);

}  // namespace curfew
