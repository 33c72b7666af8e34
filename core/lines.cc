// SPDX-License-Identifier: Apache-2.0
// Lines, words and numbers read exactly: no spelling but the one that we write.
#include "core/lines.h"

#include <algorithm>
#include <charconv>

namespace curfew {
namespace {

constexpr std::string_view kUntil = " until ";

template <class Number>
std::optional<Number> Exact(std::string_view text) {
  Number value{};
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  if (std::to_string(value) != text) return std::nullopt;
  return value;
}

}  // namespace

Result<std::vector<std::string_view>> SplitLines(std::string_view text, std::string_view file) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return BadLine(file, lines.size(), "no newline at the end");
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  return lines;
}

std::vector<std::string_view> SplitWords(std::string_view line) {
  std::vector<std::string_view> words;
  for (;;) {
    const std::size_t end = line.find(' ');
    words.push_back(line.substr(0, end));
    if (end == std::string_view::npos) return words;
    line.remove_prefix(end + 1);
  }
}

std::optional<std::int64_t> ExactNumber(std::string_view text) { return Exact<std::int64_t>(text); }

std::optional<Uid> ExactUid(std::string_view text) { return Exact<Uid>(text); }

bool TakePrefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

Failure BadLine(std::string_view file, std::size_t index, std::string_view what) {
  return Fail(Errc::kMalformed, std::string(what), std::string(file) + ":" + std::to_string(index + 1),
              "it is not as curfew writes it and will be replaced");
}

std::optional<Error> Difference(std::string_view found, std::string_view written, std::string_view file) {
  if (found == written) return std::nullopt;
  const auto [at, other] = std::mismatch(found.begin(), found.end(), written.begin(), written.end());
  const auto line = static_cast<std::size_t>(std::count(found.begin(), at, '\n'));
  return BadLine(file, line, "text that curfew would not write").value();
}

std::string WriteHeader(const GrantId& grant, Instant until) {
  std::string line(kHeaderStart);
  line.append(grant.Text()).append(kUntil).append(Rfc3339(until)).append("\n");
  return line;
}

std::optional<GrantHeader> ReadHeader(std::string_view line) {
  if (!TakePrefix(line, kHeaderStart)) return std::nullopt;
  const std::size_t middle = line.find(kUntil);
  if (middle == std::string_view::npos) return std::nullopt;
  auto grant = GrantId::Parse(line.substr(0, middle));
  const auto until = ParseRfc3339(line.substr(middle + kUntil.size()));
  if (!grant || !until) return std::nullopt;
  return GrantHeader{*std::move(grant), *until};
}

}  // namespace curfew
