// SPDX-License-Identifier: Apache-2.0
// The texts that signed messages may hold besides names and ids.
#include "core/codec_fields.h"

#include <algorithm>

namespace curfew {

Result<std::string> ReadText(std::string_view field, std::string_view text, std::size_t longest) {
  if (IsPlainText(text, longest)) return std::string(text);
  return Fail(Errc::kMalformed, fmt::format("not plain text of at most {} bytes", longest), std::string(field));
}

Result<std::string> ReadWord(std::string_view field, std::string_view text) {
  const bool letters = std::ranges::all_of(text, [](char c) { return (c >= 'a' && c <= 'z') || c == '-'; });
  if (letters && !text.empty() && text.size() <= kLongestWord) return std::string(text);
  return Fail(Errc::kMalformed, "not a word of a-z and -", std::string(field));
}

}  // namespace curfew
