// SPDX-License-Identifier: Apache-2.0
// How the controller and its people call this host.
#pragma once

#include <optional>

#include "agent/agent_file.h"
#include "agent/paths.h"

namespace curfew {

/// What join kept; nullopt when this host has not joined, or the file cannot be read.
[[nodiscard]] std::optional<AgentFile> ReadJoined(const Paths& paths);

}  // namespace curfew
