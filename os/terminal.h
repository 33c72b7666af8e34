// SPDX-License-Identifier: Apache-2.0
// A line on somebody's terminal. The one place where root opens a path that a user owns: never followed, never made the
// controlling terminal, never waited for.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/result.h"

namespace curfew {

/// `device` is the terminal's number from /proc/PID/stat; kNotFound for one that is no pty or virtual console.
[[nodiscard]] Result<void> TellTerminal(std::uint32_t device, std::string_view text);

}  // namespace curfew
