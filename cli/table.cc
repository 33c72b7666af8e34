// SPDX-License-Identifier: Apache-2.0
// Widths are counted in characters, not bytes.
#include "cli/table.h"

#include <algorithm>

#include "cli/shown.h"

namespace curfew {
namespace {

std::size_t Width(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U; }));
}

}  // namespace

std::string TableText(const Table& table) {
  std::vector<std::vector<std::string>> lines{table.head};
  for (const auto& row : table.rows) {
    lines.emplace_back();
    for (const auto& cell : row) lines.back().push_back(cell.empty() ? "-" : Shown(cell));
  }
  std::vector<std::size_t> widths(table.head.size(), 0);
  for (const auto& line : lines) {
    for (std::size_t i = 0; i < line.size() && i < widths.size(); ++i) widths[i] = std::max(widths[i], Width(line[i]));
  }
  std::string text;
  for (const auto& line : lines) {
    for (std::size_t i = 0; i < line.size(); ++i) {
      text += line[i];
      if (i + 1 < line.size()) text.append(widths.at(i) - Width(line[i]) + 2, ' ');
    }
    text += '\n';
  }
  return text;
}

}  // namespace curfew
