// SPDX-License-Identifier: Apache-2.0
// What may stand in a log line, on a terminal and on an auditor's screen (declared in names.h). Byte by byte, RFC 3629:
// no overlong form, no surrogate, nothing that moves a cursor or turns the reading direction.
#include "core/plain_text.h"

#include <fmt/format.h>

#include "core/names.h"

namespace curfew {
namespace {

// The length of the well-formed sequence at the front of `text`, 0 when there is none; its code point goes to `point`.
std::size_t DecodeOne(std::string_view text, std::uint32_t& point) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(text[i])); };
  const std::uint32_t first = byte(0);
  if (first < 0x80) {
    point = first;
    return 1;
  }
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < length) return 0;
  point = first & (0xffU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0U) != 0x80) return 0;
    point = point << 6U | (byte(i) & 0x3fU);
  }
  constexpr std::uint32_t kLowest[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = point >= 0xd800 && point <= 0xdfff;
  return point < kLowest[length] || point > 0x10ffff || surrogate ? 0 : length;
}

bool IsHarmful(std::uint32_t point) {
  const bool control = point < 0x20 || (point >= 0x7f && point < 0xa0);
  // Unicode Standard Annex 9: marks, embeddings, overrides and isolates; with them a reason can be shown other than stored.
  const bool direction = point == 0x061c || point == 0x200e || point == 0x200f || (point >= 0x202a && point <= 0x202e) ||
                         (point >= 0x2066 && point <= 0x2069);
  const bool line = point == 0x2028 || point == 0x2029;
  return control || direction || line;
}

}  // namespace

bool IsPlainText(std::string_view text, std::size_t most) {
  if (text.size() > most) return false;
  while (!text.empty()) {
    std::uint32_t point = 0;
    const std::size_t length = DecodeOne(text, point);
    if (length == 0 || IsHarmful(point)) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::string CutText(std::string text, std::size_t most) {
  if (text.size() <= most) return text;
  std::size_t end = most;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80) --end;
  text.resize(end);
  return text;
}

std::string Escaped(std::string_view text) {
  std::string escaped;
  while (!text.empty()) {
    std::uint32_t point = 0;
    const std::size_t length = DecodeOne(text, point);
    if (length != 0 && !IsHarmful(point) && point != '\\') {
      escaped += text.substr(0, length);
    } else {
      for (const char c : text.substr(0, std::max<std::size_t>(length, 1))) {
        escaped += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
      }
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return escaped;
}

}  // namespace curfew
