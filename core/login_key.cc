// SPDX-License-Identifier: Apache-2.0
// A public key's text, checked down to the fields of its blob (RFC 4253 §6.6, RFC 5656 §3.1, RFC 8709 §4, OpenSSH's
// PROTOCOL.u2f), so that nothing but a key can stand in an authorized_keys line: sshd drops silently what it cannot read.
// One key MUST have one text: a second one would be another key to us and the same to sshd.
#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "core/base64.h"
#include "core/grant.h"

namespace curfew {
namespace {

constexpr std::size_t kLongestKey = std::size_t{16} << 10U;
constexpr std::size_t kShortestModulus = 257;  // 2048 bits, and the byte that keeps them positive

enum class Field : std::uint8_t { kNone, kRaw, kCurve, kPoint, kNumber, kModulus, kApplication };

struct KeyType {
  std::string_view name;
  std::array<Field, 3> fields;  // after the type
  std::string_view curve{};
  std::size_t point = 0;  // length of an uncompressed point, the one form that sshd takes
};
constexpr std::array<KeyType, 7> kTypes{{
    {"ssh-ed25519", {Field::kRaw}},
    {"ssh-rsa", {Field::kNumber, Field::kModulus}},
    {"ecdsa-sha2-nistp256", {Field::kCurve, Field::kPoint}, "nistp256", 65},
    {"ecdsa-sha2-nistp384", {Field::kCurve, Field::kPoint}, "nistp384", 97},
    {"ecdsa-sha2-nistp521", {Field::kCurve, Field::kPoint}, "nistp521", 133},
    {"sk-ssh-ed25519@openssh.com", {Field::kRaw, Field::kApplication}},
    {"sk-ecdsa-sha2-nistp256@openssh.com", {Field::kCurve, Field::kPoint, Field::kApplication}, "nistp256", 65},
}};

// Takes one length-prefixed string (RFC 4251 §5) off the front.
std::optional<std::string_view> TakeString(std::string_view& blob) {
  if (blob.size() < 4) return std::nullopt;
  std::size_t length = 0;
  for (std::size_t i = 0; i < 4; ++i) length = length << 8U | static_cast<unsigned char>(blob[i]);
  blob.remove_prefix(4);
  if (length > blob.size()) return std::nullopt;
  const std::string_view taken = blob.substr(0, length);
  blob.remove_prefix(length);
  return taken;
}

// An mpint above zero in its shortest form (RFC 4251 §5): a zero in front only where the next bit would be a sign.
bool IsNumber(std::string_view bytes) {
  const auto is_high = [&](std::size_t at) { return at < bytes.size() && (static_cast<unsigned char>(bytes[at]) & 0x80U) != 0; };
  return !bytes.empty() && !is_high(0) && (bytes[0] != '\0' || is_high(1));
}

bool FieldFits(const KeyType& type, Field field, std::string_view bytes) {
  switch (field) {
    case Field::kNone: return false;
    case Field::kRaw: return bytes.size() == 32;
    case Field::kCurve: return bytes == type.curve;
    case Field::kPoint: return bytes.size() == type.point && bytes[0] == '\x04';
    case Field::kNumber: return IsNumber(bytes);
    case Field::kModulus: return IsNumber(bytes) && bytes.size() >= kShortestModulus;
    case Field::kApplication: return !bytes.empty() && std::ranges::all_of(bytes, [](char c) { return c > ' ' && c <= '~'; });
  }
  return false;
}

bool BlobFits(const KeyType& type, std::string_view blob) {
  if (TakeString(blob) != type.name) return false;
  for (const Field field : type.fields) {
    if (field == Field::kNone) break;
    const auto bytes = TakeString(blob);
    if (!bytes || !FieldFits(type, field, *bytes)) return false;
  }
  return blob.empty();
}

Failure Bad(const char* what) { return Fail(Errc::kMalformed, what, "public key", "give the line of the .pub file"); }

}  // namespace

Result<LoginKey> LoginKey::Parse(std::string_view text) {
  if (text.size() > kLongestKey) return Bad("longer than 16 KiB");
  const std::size_t space = text.find(' ');
  const auto type = std::ranges::find(kTypes, text.substr(0, space), &KeyType::name);
  if (type == kTypes.end()) return Bad("not a known type (ed25519, rsa, ecdsa, and the sk- types)");
  if (space == std::string_view::npos) return Bad("the key itself is missing");
  const auto blob = DecodeBase64(text.substr(space + 1));
  if (!blob) return Bad("not one strict base64 word after the type");
  if (!BlobFits(*type, *blob)) return Bad("the base64 does not hold a sound key of the type named before it, in the form that ssh-keygen writes");
  return LoginKey(std::string(text));
}

}  // namespace curfew
