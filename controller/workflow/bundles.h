// SPDX-License-Identifier: Apache-2.0
// What hosts are told, sealed: a host's bundle from what the store holds of it, whole, numbered and chained; and the
// revocation of one grant, which needs no bundle.
#pragma once

#include "controller/workflow/change.h"

namespace curfew {

/// How long past its own end a host remembers that a grant ended early: by what clocks may differ.
inline constexpr Seconds kRememberEnded{3600};

/// By so much a host's clock may be ahead of ours and still begin what is given it in the last moment.
inline constexpr Seconds kClockSkew{60};

/// Seals the next bundle of `host` and keeps it; it waits to be taken while the host has acknowledged less. Tombstones
/// get the version that carries them. kUnusable when a grant was added and the host has as many as one bundle may
/// carry.
[[nodiscard]] Outcome<void> SealBundle(Change& change, const HostId& host);

/// Seals and keeps the revocation of a grant that has just been ended early.
void SealRevocation(Change& change, const GrantRecord& grant);

/// True when the host's managed accounts, under the policy in force and its grants, differ from those of its newest bundle.
[[nodiscard]] bool ManagedDiffer(const Change& change, const HostRecord& host);

/// The grant as hosts read it.
[[nodiscard]] Grant GrantFor(const Change& change, const RequestRecord& request, const GrantRecord& grant);

/// From then on no host begins to give it: an acknowledgement's time after its start, and by what clocks may differ.
[[nodiscard]] Instant ActivateBy(const WorkflowSettings& settings, const GrantRecord& grant);

}  // namespace curfew
