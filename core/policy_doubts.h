// SPDX-License-Identifier: Apache-2.0
// What a policy says well and probably does not mean: nothing is refused for it, whoever checks or loads the file reads it.
#pragma once

#include <string>
#include <vector>

#include "core/policy.h"

namespace curfew {

/// What rules give and no managed account has in its gate: requests for it are refused on every host.
[[nodiscard]] std::vector<std::string> UnguardedGifts(const Policy& policy);

/// Stages that ask for more yeses than there are such people: what waits for them waits in vain.
[[nodiscard]] std::vector<std::string> StagesInVain(const Policy& policy, const std::vector<Person>& people);

}  // namespace curfew
