// SPDX-License-Identifier: Apache-2.0
// Time gives room back.
#include "controller/workflow/reject_room.h"

#include <algorithm>
#include <utility>

namespace curfew {

std::optional<std::string> RejectRoom::Take(BootInstant now) {
  using Parts = std::chrono::duration<double>;
  left_ = std::min(terms_.most, left_ + Parts(now - filled_) / Parts(terms_.each));
  filled_ = now;
  if (left_ < 1) {
    ++unrecorded_;
    return std::nullopt;
  }
  left_ -= 1;
  const auto before = std::exchange(unrecorded_, 0);
  return before == 0 ? "" : " (and " + std::to_string(before) + " more before)";
}

}  // namespace curfew
