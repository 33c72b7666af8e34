// SPDX-License-Identifier: Apache-2.0
// Asked again at the moment of giving. MUST give nothing that policy, groups, decisions and keys of now would not:
// hours may have passed since the request was made, and people, keys and rules go.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "controller/workflow/change.h"

namespace curfew {

struct StillGiven {
  std::vector<LoginKey> keys;                       ///< of those asked with, the ones that are still the person's
  std::vector<std::optional<std::string>> why_not;  ///< for each host of the request; nullopt = it is given there
};

[[nodiscard]] StillGiven AskAgain(const Change& change, const RequestRecord& request);

}  // namespace curfew
