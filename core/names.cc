// SPDX-License-Identifier: Apache-2.0
// The rules behind each kind of name. MUST hold here or nowhere: later code writes these texts into files that root's
// programs read, and into terminals.
#include "core/names.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

namespace curfew {
namespace {

constexpr bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
constexpr bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }
constexpr bool IsDigit(char c) { return c >= '0' && c <= '9'; }
constexpr bool IsWordChar(char c) { return IsLower(c) || IsUpper(c) || IsDigit(c) || c == '_'; }

template <class Tag>
bool Fits(std::string_view text);
template <class Tag>
constexpr const char* kRule = nullptr;

template <>
constexpr const char* kRule<AccountTag> =
    "an account is a letter or _, then at most 31 of letters, digits, _ . -; not ALL; not ending in a dot";
template <>
bool Fits<AccountTag>(std::string_view text) {
  return !text.empty() && text.size() <= 32 && !IsDigit(text.front()) && IsWordChar(text.front()) && text != "ALL" &&
         text.back() != '.' &&
         std::ranges::all_of(text, [](char c) { return IsWordChar(c) || c == '.' || c == '-'; });
}

template <>
constexpr const char* kRule<PersonTag> =
    "a person or group is a letter, digit or _, then at most 127 of letters, digits, _ . @ + -";
template <>
bool Fits<PersonTag>(std::string_view text) {
  return !text.empty() && text.size() <= 128 && IsWordChar(text.front()) && std::ranges::all_of(text, [](char c) {
    return IsWordChar(c) || c == '.' || c == '@' || c == '+' || c == '-';
  });
}

bool IsDnsLabel(std::string_view label) {
  return !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
         std::ranges::all_of(label, [](char c) { return IsLower(c) || IsDigit(c) || c == '-'; });
}

template <>
constexpr const char* kRule<HostNameTag> =
    "a host name is lower-case DNS labels joined by dots, at most 253 bytes";
template <>
bool Fits<HostNameTag>(std::string_view text) {
  if (text.empty() || text.size() > 253) return false;
  while (true) {
    const std::size_t dot = text.find('.');
    if (!IsDnsLabel(text.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

bool IsId(std::string_view text, char letter) {
  return text.size() == 22 && text[0] == letter && text[1] == '-' &&
         std::ranges::all_of(text.substr(2), [](char c) { return IsLower(c) || IsDigit(c); });
}

template <>
constexpr const char* kRule<GrantTag> = "a grant id is g- and 20 of a-z, 0-9";
template <>
bool Fits<GrantTag>(std::string_view text) {
  return IsId(text, 'g');
}

template <>
constexpr const char* kRule<RequestTag> = "a request id is r- and 20 of a-z, 0-9";
template <>
bool Fits<RequestTag>(std::string_view text) {
  return IsId(text, 'r');
}

std::optional<std::uint8_t> HexDigit(char c) {
  if (IsDigit(c)) return static_cast<std::uint8_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<std::uint8_t>(c - 'a' + 10);
  return std::nullopt;
}

}  // namespace

template <class Tag>
Result<Name<Tag>> Name<Tag>::Parse(std::string_view text) {
  if (Fits<Tag>(text)) return Name(std::string(text));
  constexpr std::size_t kMostShown = 64;
  const bool cut = text.size() > kMostShown;
  return Fail(Errc::kMalformed, fmt::format("\"{}{}\" is not allowed", Escaped(text.substr(0, kMostShown)), cut ? "…" : ""),
              {}, kRule<Tag>);
}

template class Name<AccountTag>;
template class Name<PersonTag>;
template class Name<HostNameTag>;
template class Name<GrantTag>;
template class Name<RequestTag>;

template <class Tag>
Result<Digest<Tag>> Digest<Tag>::FromBytes(std::string_view raw) {
  Bytes bytes;
  if (raw.size() != bytes.size()) {
    return Fail(Errc::kMalformed, fmt::format("a digest is 32 bytes, this has {}", raw.size()));
  }
  std::ranges::transform(raw, bytes.begin(), [](char c) { return static_cast<std::uint8_t>(c); });
  return Digest(bytes);
}

template <class Tag>
Result<Digest<Tag>> Digest<Tag>::FromHex(std::string_view hex) {
  Bytes bytes;
  if (hex.size() != 2 * bytes.size()) {
    return Fail(Errc::kMalformed, fmt::format("a digest is 64 hex digits, this has {}", hex.size()));
  }
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto high = HexDigit(hex[2 * i]);
    const auto low = HexDigit(hex[2 * i + 1]);
    if (!high || !low) return Fail(Errc::kMalformed, "a digest is written in lower-case hex digits");
    bytes[i] = static_cast<std::uint8_t>(*high << 4U | *low);
  }
  return Digest(bytes);
}

template <class Tag>
std::string Digest<Tag>::Hex() const {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex;
  hex.reserve(2 * bytes_.size());
  for (const std::uint8_t byte : bytes_) {
    hex += kDigits[byte >> 4U];
    hex += kDigits[byte & 15U];
  }
  return hex;
}

template class Digest<KeyIdTag>;
template class Digest<HostIdTag>;
template class Digest<ContentTag>;

}  // namespace curfew
