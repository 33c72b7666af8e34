// SPDX-License-Identifier: Apache-2.0
// The service manager as an admin would use it: systemctl, and only where systemd really runs this machine.
#pragma once

#include <string>
#include <vector>

#include "core/result.h"

namespace curfew {

/// Runs systemctl with these arguments; kSystem with its own words when it fails. Nothing at all when systemd does not
/// run.
[[nodiscard]] Result<void> Systemctl(const std::vector<std::string>& arguments);

/// "active", "inactive", "failed" …; "no systemd" where it does not run.
[[nodiscard]] std::string UnitState(const std::string& unit);

}  // namespace curfew
