// SPDX-License-Identifier: Apache-2.0
// A host's bundle from what the store holds of it: whole, numbered, chained and sealed.
#pragma once

#include "controller/workflow/change.h"

namespace curfew {

/// Seals the next bundle of `host`, keeps it and queues it. Tombstones get the version that carries them.
void SealBundle(Change& change, const HostId& host);

/// True when the host's managed accounts under the policy in force differ from those of its newest bundle.
[[nodiscard]] bool ManagedDiffer(const Change& change, const HostRecord& host);

/// The grant as hosts read it.
[[nodiscard]] Grant GrantFor(const RequestRecord& request, const GrantRecord& grant);

}  // namespace curfew
