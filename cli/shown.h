// SPDX-License-Identifier: Apache-2.0
// What other people typed, on this person's terminal.
#pragma once

#include <string>
#include <string_view>

namespace curfew {

/// `text` when it is plain, else with every byte that could move the cursor or turn the reading direction as \xNN.
[[nodiscard]] std::string Shown(std::string_view text);

/// The same with one blank for each run of them, of whatever kind: in a row two blanks begin the next cell. At most
/// `most` characters, the last of them … where there were more.
[[nodiscard]] std::string ShownInARow(std::string_view text, std::size_t most = std::string_view::npos);

/// How many characters: of UTF-8, each byte that begins one.
[[nodiscard]] std::size_t CountCharacters(std::string_view text);

}  // namespace curfew
