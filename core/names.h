// SPDX-License-Identifier: Apache-2.0
// Names and ids, parsed once at the edge: a value of these types cannot hold a bad one.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.h"

namespace curfew {

using Uid = std::uint32_t;

/// A text that passed one check, kept apart from texts that passed another.
template <class Tag>
class Name {
 public:
  /// kMalformed unless `text` satisfies the tag's rule; the error names the rule.
  [[nodiscard]] static Result<Name> Parse(std::string_view text);
  [[nodiscard]] const std::string& Text() const { return text_; }
  auto operator<=>(const Name&) const = default;

 private:
  explicit Name(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

/// A Unix account: [A-Za-z_][A-Za-z0-9_.-]{0,31}, not `ALL` (a sudoers word), not ending in `.` (a file that sudo skips).
using AccountName = Name<struct AccountTag>;
/// A person, service or group of people at the controller: [A-Za-z0-9_][A-Za-z0-9_.@+-]{0,127}.
using PersonName = Name<struct PersonTag>;
/// A host's human name: DNS labels joined by dots, at most 253 bytes, lower case.
using HostName = Name<struct HostNameTag>;
/// `g-` and 20 of [0-9a-z]; safe as a file name, in a comment and in a shell.
using GrantId = Name<struct GrantTag>;
/// `r-` and 20 of [0-9a-z].
using RequestId = Name<struct RequestTag>;

/// 32 bytes that name something by SHA-256; printed as 64 lower-case hex digits.
template <class Tag>
class Digest {
 public:
  using Bytes = std::array<std::uint8_t, 32>;
  constexpr Digest() = default;
  constexpr explicit Digest(const Bytes& bytes) : bytes_(bytes) {}
  /// kMalformed unless exactly 32 raw bytes.
  [[nodiscard]] static Result<Digest> FromBytes(std::string_view raw);
  /// kMalformed unless exactly 64 lower-case hex digits.
  [[nodiscard]] static Result<Digest> FromHex(std::string_view hex);
  [[nodiscard]] std::string Hex() const;
  [[nodiscard]] std::string_view Raw() const {
    return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()};  // NOLINT: bytes as bytes
  }
  auto operator<=>(const Digest&) const = default;

 private:
  Bytes bytes_{};
};

/// SHA-256(algorithm ‖ raw key), computed locally (DESIGN §3).
using KeyId = Digest<struct KeyIdTag>;
/// The key id of the identity key that the host enrolled with.
using HostId = Digest<struct HostIdTag>;
/// SHA-256 of what a sealed message signs (SignedHash), or of any other bytes that are named by content.
using ContentHash = Digest<struct ContentTag>;

/// True when `text` is valid UTF-8 without control characters, bidirectional overrides or U+2028/U+2029, at most
/// `most` bytes: fit for a log line, a terminal and an auditor's screen.
[[nodiscard]] bool IsPlainText(std::string_view text, std::size_t most);

/// `text` with every byte that IsPlainText would refuse, and the backslash, written as \xNN; for logging what was refused.
[[nodiscard]] std::string Escaped(std::string_view text);

}  // namespace curfew
