// SPDX-License-Identifier: Apache-2.0
// Exponential back-off with equal jitter.
#include "agent/link/backoff.h"

#include <algorithm>

namespace curfew {

Millis NextDelay(unsigned failures, double chance) {
  constexpr unsigned kMostDoublings = 6;  // 0.5 s · 2^6 is past the cap
  const Millis step = std::min(kLongestBackoff, kShortestBackoff * 2 * (1U << std::min(failures, kMostDoublings)));
  const auto spread = static_cast<double>((step - step / 2).count()) * std::clamp(chance, 0.0, 1.0);
  return step / 2 + Millis(static_cast<Millis::rep>(spread));
}

}  // namespace curfew
