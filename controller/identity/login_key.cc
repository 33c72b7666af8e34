// SPDX-License-Identifier: Apache-2.0
// libssh's reader behind login_key.h.
#include "controller/identity/login_key.h"

#include <libssh/libssh.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "core/base64.h"

namespace curfew {
namespace {

constexpr std::size_t kLongestLine = std::size_t{24} << 10U;
constexpr std::int64_t kWeakRsa = 2048;
constexpr const char* kStronger = "make a new one: ssh-keygen -t ed25519";
constexpr const char* kHint = "give the line of a .pub file, such as ~/.ssh/id_ed25519.pub";

/// Words of the line; a quoted part (an option's value) is no place to split.
std::vector<std::string> Words(std::string_view line) {
  std::vector<std::string> words(1);
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (c == '"' && (i == 0 || line[i - 1] != '\\')) quoted = !quoted;
    if (!quoted && (c == ' ' || c == '\t' || c == '\r' || c == '\n')) {
      if (!words.back().empty()) words.emplace_back();
    } else {
      words.back().push_back(c);
    }
  }
  if (words.back().empty()) words.pop_back();
  return words;
}

constexpr std::string_view kDsa = "ssh-dss";  // libssh may be built without it, and then does not know the word

bool IsType(const std::string& word) {
  return word == kDsa || ssh_key_type_from_name(word.c_str()) != SSH_KEYTYPE_UNKNOWN;
}

/// RSA modulus length: the third field of the blob (RFC 4253 §6.6), without leading zero bits.
std::int64_t RsaBits(std::string_view blob) {
  std::string_view field;
  for (int i = 0; i < 3; ++i) {
    if (blob.size() < 4) return 0;
    std::size_t size = 0;
    for (std::size_t j = 0; j < 4; ++j) size = size << 8U | static_cast<unsigned char>(blob[j]);
    if (size > blob.size() - 4) return 0;
    field = blob.substr(4, size);
    blob.remove_prefix(4 + size);
  }
  while (!field.empty() && field.front() == '\0') field.remove_prefix(1);
  if (field.empty()) return 0;
  std::int64_t bits = static_cast<std::int64_t>(field.size()) * 8;
  for (unsigned top = static_cast<unsigned char>(field.front()); (top & 0x80U) == 0; top <<= 1U) --bits;
  return bits;
}

std::int64_t BitsOf(ssh_keytypes_e type, const std::string& blob) {
  switch (type) {
    case SSH_KEYTYPE_RSA: return RsaBits(blob);
    case SSH_KEYTYPE_ECDSA_P384: return 384;
    case SSH_KEYTYPE_ECDSA_P521: return 521;
    default: return 256;
  }
}

Result<std::string> Fingerprint(const ssh_key& key) {
  unsigned char* hash = nullptr;
  std::size_t size = 0;
  if (ssh_get_publickey_hash(key, SSH_PUBLICKEY_HASH_SHA256, &hash, &size) != 0) {
    return Fail(Errc::kSystem, "cannot hash the key", "libssh");
  }
  char* text = ssh_get_fingerprint_hash(SSH_PUBLICKEY_HASH_SHA256, hash, size);
  std::string fingerprint = text == nullptr ? "" : text;
  ssh_string_free_char(text);
  ssh_clean_pubkey_hash(&hash);
  return fingerprint;
}

Result<void> RefuseWeakRsa(ssh_keytypes_e type, std::int64_t bits) {
  if (type == SSH_KEYTYPE_RSA && bits < kWeakRsa) {
    return Fail(Errc::kRefused, "an RSA key of " + std::to_string(bits) + " bits is too weak; 2048 are needed", "key", kStronger);
  }
  return {};
}

}  // namespace

Result<ReadKey> ReadLoginKey(std::string_view line) {
  if (line.size() > kLongestLine) return Fail(Errc::kOutOfRange, "longer than 24 KiB", "key", kHint);
  if (line.find("PRIVATE KEY") != std::string_view::npos) {
    return Fail(Errc::kMalformed, "this is a private key; it was not kept", "key", kHint);
  }
  const auto words = Words(line);
  auto at = std::find_if(words.begin(), words.end(), IsType);
  // The type stands first, or right after one word of options (sshd(8)).
  if (at == words.end() || at - words.begin() > 1 || std::next(at) == words.end()) {
    return Fail(Errc::kMalformed, "no public key in it", "key", kHint);
  }
  if (*at == kDsa) return Fail(Errc::kRefused, "DSA keys are too weak", "key", kStronger);
  const auto type = ssh_key_type_from_name(at->c_str());
  ssh_key raw = nullptr;
  if (ssh_pki_import_pubkey_base64(std::next(at)->c_str(), type, &raw) != SSH_OK) {
    return Fail(Errc::kMalformed, "libssh cannot read it as a key of type " + *at, "key", kHint);
  }
  const std::unique_ptr<ssh_key_struct, decltype(&ssh_key_free)> key(raw, ssh_key_free);
  const auto blob = DecodeBase64(*std::next(at));
  const std::int64_t bits = blob ? BitsOf(ssh_key_type(raw), *blob) : 0;
  if (auto strong = RefuseWeakRsa(ssh_key_type(raw), bits); !strong) return Failure(strong.error());
  auto parsed = LoginKey::Parse(*at + " " + *std::next(at));
  if (!parsed) return Failure(parsed.error());
  auto fingerprint = Fingerprint(raw);
  if (!fingerprint) return Failure(fingerprint.error());
  return ReadKey{std::move(*parsed), *at, bits, std::move(*fingerprint)};
}

}  // namespace curfew
