// SPDX-License-Identifier: Apache-2.0
// Columns of text, aligned; every cell is made safe for a terminal.
#pragma once

#include <string>
#include <vector>

namespace curfew {

struct Table {
  std::vector<std::string> head;
  std::vector<std::vector<std::string>> rows;
};

/// The head and a line for each row, columns two blanks apart and no cell with two, no blanks at a line's end.
[[nodiscard]] std::string TableText(const Table& table);

}  // namespace curfew
