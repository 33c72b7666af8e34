// SPDX-License-Identifier: Apache-2.0
// How long to wait before the next try: doubling, capped, and spread out so that a fleet does not return in one wave.
#pragma once

#include "core/time.h"

namespace curfew {

inline constexpr Millis kShortestBackoff{500};
inline constexpr Millis kLongestBackoff{30000};

/// `failures` in a row so far (0 = the first wait); `chance` uniform in [0, 1). Between half of the step and all of it.
[[nodiscard]] Millis NextDelay(unsigned failures, double chance);

}  // namespace curfew
