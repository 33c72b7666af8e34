// SPDX-License-Identifier: Apache-2.0
// The ends that an administrator of this host asks for: of every grant, and of the controller's word here.
#pragma once

#include "agent/paths.h"
#include "agent/tool/exit.h"

namespace curfew {

/// The disk has no record of the ends yet: they hold all the same, in the enforcer's memory.
enum class Undurable : bool { kIsNoted, kFails };
[[nodiscard]] Exit EndEveryGrant(const Paths& paths, Undurable undurable);
/// Waits for half a minute until the controller has the proofs; else says so, and `otherwise`.
[[nodiscard]] Exit AwaitProofs(const Paths& paths, const char* otherwise);

/// Every grant ends, setup is undone, the proofs are delivered or said to wait; then the link's files and the trusted root go.
/// Keys and state of this host stay: it is the same host if it joins again, and what ended here stays ended.
[[nodiscard]] Exit Leave(const Paths& paths);

}  // namespace curfew
