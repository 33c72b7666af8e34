// SPDX-License-Identifier: Apache-2.0
// The ends that an administrator of this host asks for: of every grant, and of the controller's word here.
#pragma once

#include "agent/paths.h"
#include "agent/tool/exit.h"

namespace curfew {

/// Says on standard error when that it is not durable yet: it holds all the same.
[[nodiscard]] Exit EndEveryGrant(const Paths& paths);
/// Waits for half a minute until the controller has the proofs; else says so, and `otherwise`.
[[nodiscard]] Exit AwaitProofs(const Paths& paths, const char* otherwise);

/// Every grant ends, setup is undone, the proofs are delivered or said to be lost; then the link's files, the trusted root and
/// the state that followed it go. The keys of this host stay, so that it is the same host if it joins again.
[[nodiscard]] Exit Leave(const Paths& paths);

}  // namespace curfew
