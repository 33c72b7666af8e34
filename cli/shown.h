// SPDX-License-Identifier: Apache-2.0
// What other people typed, on this person's terminal.
#pragma once

#include <string>
#include <string_view>

namespace curfew {

/// `text` when it is plain, else with every byte that could move the cursor or turn the reading direction as \xNN.
[[nodiscard]] std::string Shown(std::string_view text);

}  // namespace curfew
