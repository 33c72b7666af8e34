// SPDX-License-Identifier: Apache-2.0
// A public key's text, checked down to the fields of its blob (RFC 4253 §6.6, RFC 5656 §3.1, RFC 8709 §4, OpenSSH's
// PROTOCOL.u2f), so that nothing but a key can stand in an authorized_keys line: sshd drops silently what it cannot read.
#include <algorithm>
#include <array>
#include <optional>

#include "core/base64.h"
#include "core/grant.h"

namespace curfew {
namespace {

constexpr std::size_t kLongestKey = std::size_t{16} << 10U;
constexpr std::size_t kShortestModulus = 256;  // 2048 bits

struct KeyType {
  std::string_view name;
  std::string_view curve;  // the second field of an ECDSA key, else empty
  std::size_t fields;      // after the type
  std::size_t raw;         // length of the first field, 0 = any
};
constexpr std::array<KeyType, 7> kTypes{{
    {"ssh-ed25519", "", 1, 32},
    {"ssh-rsa", "", 2, 0},
    {"ecdsa-sha2-nistp256", "nistp256", 2, 0},
    {"ecdsa-sha2-nistp384", "nistp384", 2, 0},
    {"ecdsa-sha2-nistp521", "nistp521", 2, 0},
    {"sk-ssh-ed25519@openssh.com", "", 2, 32},
    {"sk-ecdsa-sha2-nistp256@openssh.com", "nistp256", 3, 0},
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

bool BlobFits(const KeyType& type, std::string_view blob) {
  if (TakeString(blob) != type.name) return false;
  std::vector<std::string_view> fields;
  for (std::size_t i = 0; i < type.fields; ++i) {
    const auto field = TakeString(blob);
    if (!field || field->empty()) return false;
    fields.push_back(*field);
  }
  if (!blob.empty()) return false;
  if (type.raw != 0 && fields[0].size() != type.raw) return false;
  if (type.name == "ssh-rsa" && fields[1].size() < kShortestModulus) return false;
  return type.curve.empty() || fields[0] == type.curve;
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
  if (!BlobFits(*type, *blob)) return Bad("the base64 does not hold a sound key of the type named before it");
  return LoginKey(std::string(text));
}

}  // namespace curfew
