// SPDX-License-Identifier: Apache-2.0
// core's rule for plain text, applied at the last moment.
#include "cli/shown.h"

#include <algorithm>
#include <array>

#include "core/names.h"

namespace curfew {
namespace {

// What a terminal draws as nothing: Unicode's White_Space that is plain text, fillers, and what has no width at all.
constexpr std::array<std::string_view, 24> kBlanks = {
    " ",      "\u00a0", "\u115f", "\u1160", "\u1680", "\u2000", "\u2001", "\u2002", "\u2003", "\u2004", "\u2005", "\u2006",
    "\u2007", "\u2008", "\u2009", "\u200a", "\u200b", "\u202f", "\u205f", "\u2060", "\u2800", "\u3000", "\u3164", "\uffa0"};

std::size_t BlankAt(std::string_view text) {
  const auto* const blank = std::find_if(kBlanks.begin(), kBlanks.end(), [&](std::string_view each) { return text.starts_with(each); });
  return blank == kBlanks.end() ? 0 : blank->size();
}

bool BeginsCharacter(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U; }

}  // namespace

std::string Shown(std::string_view text) { return IsPlainText(text, text.size()) ? std::string(text) : Escaped(text); }

std::size_t CountCharacters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), BeginsCharacter));
}

std::string ShownInARow(std::string_view text, std::size_t most) {
  const std::string shown = Shown(text);
  std::string row;
  for (std::string_view rest = shown; !rest.empty();) {
    if (const std::size_t blank = BlankAt(rest); blank > 0) {
      if (!row.ends_with(' ')) row += ' ';
      rest.remove_prefix(blank);
    } else {
      row += rest.front();
      rest.remove_prefix(1);
    }
  }
  if (CountCharacters(row) <= most) return row;
  std::size_t end = 0;
  for (std::size_t whole = 0; end < row.size(); ++end) {
    if (BeginsCharacter(row[end]) && ++whole == most) break;
  }
  return row.substr(0, end) + "…";
}

}  // namespace curfew
