// SPDX-License-Identifier: Apache-2.0
// The frame of /run/curfew/link.sock, both directions: body length (u32, big endian), kind (u8), three zero bytes,
// body. Bodies towards the enforcer are raw sealed bytes or empty, so that root parses nothing before its signature is
// checked.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace curfew {

/// What a frame is. Numbers are frozen.
enum class LocalKind : std::uint8_t {
  kOffer = 1,          ///< to the enforcer: sealed bytes; answered by kVerdict
  kStatus = 2,         ///< to the enforcer: empty; answered by kStatusAnswer
  kSubscribe = 3,      ///< to the enforcer: empty, from the link; then kBatch frames come, one in flight
  kRevokeAll = 4,      ///< to the enforcer: empty, root only; answered by kVerdict
  kVerdict = 65,       ///< proto LocalVerdict
  kStatusAnswer = 66,  ///< proto LocalStatus
  kBatch = 67,         ///< sealed EventBatch
};

inline constexpr std::size_t kLocalHeader = 8;
/// A whole sealed bundle: body of 4 MiB, frame and eight signatures.
inline constexpr std::size_t kMostLocalBody = (std::size_t{4} << 20U) + 4096;

struct LocalHeader {
  LocalKind kind = LocalKind::kStatus;
  std::uint32_t length = 0;
};

[[nodiscard]] inline std::array<std::uint8_t, kLocalHeader> WriteLocalHeader(const LocalHeader& header) {
  const auto octet = [&](unsigned shift) { return static_cast<std::uint8_t>(header.length >> shift); };
  return {octet(24), octet(16), octet(8), octet(0), static_cast<std::uint8_t>(header.kind), 0, 0, 0};
}

/// Nothing for an unknown kind, padding that is not zero or a length over the bound: the connection is then closed.
[[nodiscard]] inline std::optional<LocalHeader> ReadLocalHeader(const std::array<std::uint8_t, kLocalHeader>& raw) {
  const std::uint32_t length =
      std::uint32_t{raw[0]} << 24U | std::uint32_t{raw[1]} << 16U | std::uint32_t{raw[2]} << 8U | std::uint32_t{raw[3]};
  const bool known = (raw[4] >= 1 && raw[4] <= 4) || (raw[4] >= 65 && raw[4] <= 67);
  const bool padded = raw[5] == 0 && raw[6] == 0 && raw[7] == 0;
  if (!known || !padded || length > kMostLocalBody) return std::nullopt;
  return LocalHeader{static_cast<LocalKind>(raw[4]), length};
}

}  // namespace curfew
