// SPDX-License-Identifier: Apache-2.0
// Times for people: local with their offset, or UTC; JSON keeps RFC 3339 with Z and is not made here.
#pragma once

#include <optional>
#include <string>

#include "core/time.h"

namespace curfew {

/// "2026-11-22 19:00:00+01:00", or "2026-11-22 18:00:00Z" in UTC. The zone is the process's (TZ, localtime(5)).
[[nodiscard]] std::string MomentText(Instant at, bool utc);

/// The same for a moment that may not have come; "-" then.
[[nodiscard]] std::string MomentText(const std::optional<Instant>& at, bool utc);

}  // namespace curfew
