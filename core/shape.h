// SPDX-License-Identifier: Apache-2.0
// What a signed message may look like on protobuf's wire, checked before protobuf allocates for it. Only the canonical
// spelling passes: known fields, rising numbers, shortest varints, no default written out, counts and lengths in bounds.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

#include "core/result.h"

namespace curfew {

struct Field;
using Shape = std::span<const Field>;

/// One field of a message. A field that is not listed is unknown, and refused.
struct Field {
  enum class Kind : std::uint8_t { kNumber, kBytes, kMessage };

  std::string_view name;
  Shape shape{};           ///< of a message
  std::uint64_t most = 0;  ///< largest number, or longest bytes; unused for a message
  std::size_t count = 1;   ///< how often it may stand
  std::uint32_t number = 0;
  Kind kind = Kind::kNumber;
  bool zero = false;  ///< may be present with its default (a proto3 `optional`, an element of a list)

  static constexpr Field Number(std::uint32_t number, std::string_view name, std::uint64_t most) {
    return {.name = name, .most = most, .number = number};
  }
  static constexpr Field Flag(std::uint32_t number, std::string_view name) { return Number(number, name, 1); }
  static constexpr Field OptionalNumber(std::uint32_t number, std::string_view name, std::uint64_t most) {
    return {.name = name, .most = most, .number = number, .zero = true};
  }
  static constexpr Field Bytes(std::uint32_t number, std::string_view name, std::uint64_t longest) {
    return {.name = name, .most = longest, .number = number, .kind = Kind::kBytes};
  }
  static constexpr Field ManyBytes(std::uint32_t number, std::string_view name, std::uint64_t longest, std::size_t count) {
    return {.name = name, .most = longest, .count = count, .number = number, .kind = Kind::kBytes, .zero = true};
  }
  static constexpr Field Message(std::uint32_t number, std::string_view name, Shape shape) {
    return Messages(number, name, shape, 1);
  }
  static constexpr Field Messages(std::uint32_t number, std::string_view name, Shape shape, std::size_t count) {
    return {.name = name, .shape = shape, .count = count, .number = number, .kind = Kind::kMessage, .zero = true};
  }
};

inline constexpr std::uint64_t kMostUnsigned = std::numeric_limits<std::uint64_t>::max();
inline constexpr std::uint64_t kMostSigned = std::numeric_limits<std::int64_t>::max();
inline constexpr std::uint64_t kMostUnsigned32 = std::numeric_limits<std::uint32_t>::max();
inline constexpr std::uint64_t kMostSigned32 = std::numeric_limits<std::int32_t>::max();

/// kMalformed or kOutOfRange with the path of the field ("grants.account") and the byte where it went wrong. Reads each
/// byte at most once a level, allocates nothing while all is well, and goes no deeper than `shape` does.
[[nodiscard]] Result<void> CheckShape(std::string_view bytes, Shape shape);

}  // namespace curfew
