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
  Role root;  ///< the keys that may sign the role table
  std::shared_ptr<const PrivateKey> audit;
};

/// Names whose word this host's state is: itself under these root keys. Another controller's is another one.
[[nodiscard]] ContentHash OwnerOf(const Identity& identity);

/// Nothing when this host has not joined; an error when its files are there but cannot be trusted.
[[nodiscard]] Result<std::optional<Identity>> ReadIdentity(const Paths& paths);

}  // namespace curfew
