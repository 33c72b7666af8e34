// SPDX-License-Identifier: Apache-2.0
// What hosts report. MUST believe nothing that the host's own audit key did not sign, in its own order without a gap;
// every event is kept once, with what it does to grants, in one transaction.
#pragma once

#include <string>

#include "controller/fleet/authority.h"
#include "controller/workflow/change.h"
#include "controller/workflow/host_condition.h"
#include "controller/workflow/reject_room.h"
#include "core/verdict.h"

namespace curfew {

/// Keeps a sealed batch. `sent`: the last bundle handed to the host's line. Events kept before are passed over: where
/// there are no others nothing is written. Denies (and nothing is kept): kUnknownKey for a host not enrolled, what
/// Verify says, kMalformed, kOtherHost, kBrokenChain for a gap or a fork.
[[nodiscard]] Verdict<TakenBatch> TakeEvents(Change& change, const HostId& host, std::string_view sealed,
                                              const std::optional<SentBundle>& sent);

/// Notes on the host why its batch was refused, with one event for each new reason however often it is sent again, and
/// no more of them than there is room for: whoever has the link's key can send what the host did not sign.
void NoteFault(Change& change, const HostId& host, const Deny& deny, RejectRoom& room, BootInstant now);

}  // namespace curfew
