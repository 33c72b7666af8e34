// SPDX-License-Identifier: Apache-2.0
// Protobuf's wire by hand, to write what no encoder would: bombs, duplicates, unknown fields, long varints.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace curfew::test {

[[nodiscard]] inline std::string Varint(std::uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7U) bytes += static_cast<char>((value & 0x7fU) | 0x80U);
  return bytes + static_cast<char>(value);
}

[[nodiscard]] inline std::string NumberField(std::uint32_t field, std::uint64_t value) {
  return Varint(std::uint64_t{field} << 3U) + Varint(value);
}

[[nodiscard]] inline std::string BytesField(std::uint32_t field, std::string_view bytes) {
  return Varint(std::uint64_t{field} << 3U | 2U) + Varint(bytes.size()) + std::string(bytes);
}

[[nodiscard]] inline std::string Times(std::size_t count, std::string_view bytes) {
  std::string all;
  all.reserve(count * bytes.size());
  for (std::size_t i = 0; i < count; ++i) all += bytes;
  return all;
}

}  // namespace curfew::test
