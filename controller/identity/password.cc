// SPDX-License-Identifier: Apache-2.0
// scrypt over libcrypto.
#include "controller/identity/password.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <array>
#include <optional>

#include "core/base64.h"
#include "core/signature.h"

namespace curfew {
namespace {

// 32 MiB and about 0.1 s: OWASP's scrypt floor is 2^17 with one lane; ours is behind a bounded number of workers.
constexpr std::uint64_t kCost = std::uint64_t{1} << 15U;
constexpr std::uint64_t kBlock = 8;
constexpr std::uint64_t kLanes = 1;
constexpr std::uint64_t kMostMemory = std::uint64_t{64} << 20U;
constexpr std::size_t kSaltBytes = 16;
constexpr std::string_view kForm = "scrypt$15$8$1$";

using Hash = std::array<unsigned char, 32>;

std::optional<Hash> Derive(std::string_view password, std::string_view salt) {
  Hash hash{};
  const auto* salt_bytes = reinterpret_cast<const unsigned char*>(salt.data());  // NOLINT: bytes as bytes
  if (EVP_PBE_scrypt(password.data(), password.size(), salt_bytes, salt.size(), kCost, kBlock, kLanes, kMostMemory,
                     hash.data(), hash.size()) != 1) {
    return std::nullopt;
  }
  return hash;
}

std::string_view View(const Hash& hash) { return {reinterpret_cast<const char*>(hash.data()), hash.size()}; }  // NOLINT

}  // namespace

Result<std::string> HashPassword(std::string_view password) {
  if (password.size() < kShortestPassword || password.size() > kLongestPassword) {
    return Fail(Errc::kOutOfRange, "a password has 8 to 1024 bytes", "password", "choose another one");
  }
  const auto salt = RandomBytes(kSaltBytes);
  if (!salt) return Failure(salt.error());
  const auto hash = Derive(password, *salt);
  if (!hash) return Fail(Errc::kSystem, "scrypt failed", "libcrypto");
  return std::string(kForm) + EncodeBase64(*salt) + "$" + EncodeBase64(View(*hash));
}

bool CheckPassword(std::string_view password, std::string_view text) {
  std::string salt(kSaltBytes, '\0');
  std::string expected;
  if (text.starts_with(kForm)) {
    const std::string_view rest = text.substr(kForm.size());
    const std::size_t sign = rest.find('$');
    const auto salt_bytes = DecodeBase64(rest.substr(0, sign));
    const auto hash_bytes = sign == std::string_view::npos ? Result<std::string>() : DecodeBase64(rest.substr(sign + 1));
    if (salt_bytes && hash_bytes) {
      salt = *salt_bytes;
      expected = *hash_bytes;
    }
  }
  // Derived in any case, so that the time does not tell whether there is such a person.
  const auto hash = Derive(password.substr(0, kLongestPassword), salt);
  return hash && expected.size() == hash->size() && password.size() <= kLongestPassword &&
         CRYPTO_memcmp(expected.data(), hash->data(), hash->size()) == 0;
}

Result<std::string> NewSecret(std::string_view prefix) {
  const auto bytes = RandomBytes(32);
  if (!bytes) return Failure(bytes.error());
  std::string text = EncodeBase64(*bytes);
  for (char& c : text) {
    if (c == '+') c = '-';
    if (c == '/') c = '_';
  }
  while (!text.empty() && text.back() == '=') text.pop_back();
  return std::string(prefix) + text;
}

}  // namespace curfew
