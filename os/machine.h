// SPDX-License-Identifier: Apache-2.0
// What the kernel says of this machine and this moment: the clocks, the boot's id, its name.
#pragma once

#include <string>

#include "core/result.h"
#include "core/time.h"

namespace curfew {

/// CLOCK_REALTIME and CLOCK_BOOTTIME, read one after the other.
[[nodiscard]] Now ReadNow();

/// random(4) boot_id: a new one with each boot.
[[nodiscard]] Result<std::string> BootId();

/// gethostname(2), as it is.
[[nodiscard]] Result<std::string> MachineName();

}  // namespace curfew
