// SPDX-License-Identifier: Apache-2.0
// The few calls on the system bus: logind's TerminateSession, systemd's ReloadUnit. They wait: two seconds at most where
// nothing else is said.
#pragma once

#include <string>

#include "core/result.h"

namespace curfew {

/// Tells logind that a session is over; fine when it knows none of that id.
[[nodiscard]] Result<void> TerminateSession(const std::string& session);

/// True when the unit is active.
[[nodiscard]] Result<bool> IsUnitActive(const std::string& unit);

/// Has systemd reload a unit; returns when that is done, with an error when the unit said no (ten seconds at most).
[[nodiscard]] Result<void> ReloadUnit(const std::string& unit);

}  // namespace curfew
