// SPDX-License-Identifier: Apache-2.0
// What a look at the host found, on its way to an alarm.
#pragma once

#include <string>

namespace curfew {

/// Something of ours that is not as we left it.
struct Finding {
  std::string place;
  std::string what;
  bool operator==(const Finding&) const = default;
};

}  // namespace curfew
