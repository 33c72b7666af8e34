// SPDX-License-Identifier: Apache-2.0
// What a host has lost that it needs to grant anything: its bundle, the right time. Said as alarms with what to do; what
// is granted meanwhile is decided elsewhere, and is nothing.
#pragma once

#include "agent/enforcer/state/alarms.h"
#include "agent/enforcer/state/in_force.h"

namespace curfew {

/// `gated`: the managed list on the disk names somebody, so there was a bundle once.
void SayWhatIsLost(const InForce& in_force, bool gated, Alarms& alarms, const Now& now);

}  // namespace curfew
