// SPDX-License-Identifier: Apache-2.0
// What the readers and writers of our own files share: lines, the header that the reaper reads, and exactness.
// A text is ours only when writing what was read gives the very same bytes.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/names.h"
#include "core/result.h"
#include "core/time.h"

namespace curfew {

/// The lines of `text` without their newlines; kMalformed when the last line has none.
[[nodiscard]] Result<std::vector<std::string_view>> SplitLines(std::string_view text, std::string_view file);

/// The words of `line`, parted by single spaces; an empty word stands where two spaces meet.
[[nodiscard]] std::vector<std::string_view> SplitWords(std::string_view line);

/// The number that std::to_string would write as `text`, nothing else.
[[nodiscard]] std::optional<std::int64_t> ExactNumber(std::string_view text);
[[nodiscard]] std::optional<Uid> ExactUid(std::string_view text);

/// Takes `prefix` off the front of `text`; false, and nothing taken, when it is not there.
[[nodiscard]] bool TakePrefix(std::string_view& text, std::string_view prefix);

/// kMalformed at `file`, line `index` + 1.
[[nodiscard]] Failure BadLine(std::string_view file, std::size_t index, std::string_view what);

/// No error when both are the same bytes; else kMalformed with the first line that differs.
[[nodiscard]] std::optional<Error> Difference(std::string_view found, std::string_view written, std::string_view file);

/// The header over one grant's lines.
struct GrantHeader {
  GrantId grant;
  Instant until;
};

inline constexpr std::string_view kHeaderStart = "# curfew ";

/// "# curfew <grant id> until <UTC>" and a newline.
[[nodiscard]] std::string WriteHeader(const GrantId& grant, Instant until);
[[nodiscard]] std::optional<GrantHeader> ReadHeader(std::string_view line);

/// The last second in which a line may still be used: its readers count the second they are given as inside.
[[nodiscard]] inline Instant LastSecond(Instant until) { return until - Seconds{1}; }

}  // namespace curfew
