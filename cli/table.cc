// SPDX-License-Identifier: Apache-2.0
// Widths are counted in characters, not bytes.
#include "cli/table.h"

#include <algorithm>

#include "cli/shown.h"

namespace curfew {

std::string TableText(const Table& table) {
  std::vector<std::vector<std::string>> lines{table.head};
  for (const auto& row : table.rows) {
    lines.emplace_back();
    for (const auto& cell : row) lines.back().push_back(cell.empty() ? "-" : ShownInARow(cell));
  }
  std::vector<std::size_t> widths(table.head.size(), 0);
  for (const auto& line : lines) {
    for (std::size_t i = 0; i < line.size() && i < widths.size(); ++i) widths[i] = std::max(widths[i], CountCharacters(line[i]));
  }
  std::string text;
  for (const auto& line : lines) {
    for (std::size_t i = 0; i < line.size(); ++i) {
      text += line[i];
      if (i + 1 < line.size()) text.append(widths.at(i) - CountCharacters(line[i]) + 2, ' ');
    }
    text += '\n';
  }
  return text;
}

}  // namespace curfew
