// SPDX-License-Identifier: Apache-2.0
// The few calls on the system bus: logind's TerminateSession, systemd's ReloadUnit. They wait (two seconds at most).
#pragma once

#include <string>

#include "core/result.h"

namespace curfew {

/// Tells logind that a session is over; fine when it knows none of that id.
[[nodiscard]] Result<void> TerminateSession(const std::string& session);

/// True when the unit is active.
[[nodiscard]] Result<bool> IsUnitActive(const std::string& unit);

/// Asks systemd to reload a unit; returns when the job is queued.
[[nodiscard]] Result<void> ReloadUnit(const std::string& unit);

}  // namespace curfew
