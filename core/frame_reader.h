// SPDX-License-Identifier: Apache-2.0
// Fixed frames, front to back: takes what is there and no more; too little is empty, never a guess.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/time.h"

namespace curfew {

/// Eight bytes, most significant first.
[[nodiscard]] inline std::string BigEndian(std::int64_t value) {
  std::string bytes;
  for (int shift = 56; shift >= 0; shift -= 8) bytes += static_cast<char>(static_cast<std::uint64_t>(value) >> shift & 0xffU);
  return bytes;
}

class FrameReader {
 public:
  explicit FrameReader(std::string_view bytes) : rest_(bytes) {}

  /// The next `count` bytes, or none when fewer are left.
  [[nodiscard]] std::string_view Take(std::size_t count) {
    if (count > rest_.size()) return {};
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }

  /// Whole seconds from 0 to the end of the year 9999, in eight bytes.
  [[nodiscard]] std::optional<std::int64_t> TakeSeconds() {
    const std::string_view bytes = Take(8);
    std::uint64_t value = 0;
    for (const char c : bytes) value = value << 8U | static_cast<unsigned char>(c);
    if (bytes.empty() || value > static_cast<std::uint64_t>(UnixSeconds(kEndOfTime))) return std::nullopt;
    return static_cast<std::int64_t>(value);
  }

  [[nodiscard]] std::size_t Rest() const { return rest_.size(); }

 private:
  std::string_view rest_;
};

}  // namespace curfew
