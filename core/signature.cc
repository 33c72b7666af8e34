// SPDX-License-Identifier: Apache-2.0
// The one file that calls libcrypto. MUST: a signature holds only when EVP_DigestVerify returns exactly 1 (it also knows 0,
// -1 and -2); nothing is left in libcrypto's error queue, which the TLS code of the same thread reads as its own.
#include "core/signature.h"

#include <algorithm>
#include <memory>
#include <stdexcept>

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

namespace curfew {
namespace {

constexpr std::string_view kAlgorithm = "ed25519";
constexpr std::size_t kSeedSize = 32;
constexpr std::size_t kSignatureSize = 64;

struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using Key = std::unique_ptr<EVP_PKEY, FreeKey>;
using Context = std::unique_ptr<EVP_MD_CTX, FreeContext>;

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());  // NOLINT: libcrypto's bytes
}

Failure LibraryFailed(const char* what) {
  ERR_clear_error();
  return Fail(Errc::kSystem, fmt::format("libcrypto could not {}", what), {}, "check the installation of OpenSSL");
}

int VerifyOnce(const PublicKey& key, std::string_view message, std::string_view signature) {
  const Key pkey(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key.raw.data(), key.raw.size()));
  const Context context(EVP_MD_CTX_new());
  if (!pkey || !context) return 0;
  if (EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, pkey.get()) != 1) return 0;
  return EVP_DigestVerify(context.get(), Bytes(signature), signature.size(), Bytes(message), message.size());
}

}  // namespace

Result<PublicKey> PublicKey::FromBytes(std::string_view bytes) {
  PublicKey key;
  if (bytes.size() != key.raw.size()) {
    return Fail(Errc::kMalformed, fmt::format("an Ed25519 public key is 32 bytes, this has {}", bytes.size()));
  }
  std::ranges::transform(bytes, key.raw.begin(), [](char c) { return static_cast<std::uint8_t>(c); });
  return key;
}

KeyId PublicKey::Id() const {
  std::string named(kAlgorithm);
  named += Raw();
  return *KeyId::FromBytes(Sha256(named).Raw());
}

Result<PrivateKey> PrivateKey::Generate() {
  std::array<unsigned char, kSeedSize> seed{};
  if (RAND_priv_bytes(seed.data(), static_cast<int>(seed.size())) != 1) return LibraryFailed("make random bytes for a key");
  auto key = FromSeed({reinterpret_cast<const char*>(seed.data()), seed.size()});  // NOLINT: bytes as bytes
  OPENSSL_cleanse(seed.data(), seed.size());
  return key;
}

Result<PrivateKey> PrivateKey::FromSeed(std::string_view seed) {
  if (seed.size() != kSeedSize) {
    return Fail(Errc::kMalformed, fmt::format("an Ed25519 seed is 32 bytes, this has {}", seed.size()));
  }
  const Key pkey(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, Bytes(seed), seed.size()));
  PrivateKey key;
  std::size_t length = key.public_.raw.size();
  if (!pkey || EVP_PKEY_get_raw_public_key(pkey.get(), key.public_.raw.data(), &length) != 1) {
    return LibraryFailed("make a public key from its seed");
  }
  std::ranges::transform(seed, key.seed_.begin(), [](char c) { return static_cast<std::uint8_t>(c); });
  return key;
}

PrivateKey::PrivateKey(PrivateKey&& other) noexcept : seed_(other.seed_), public_(other.public_) {
  OPENSSL_cleanse(other.seed_.data(), other.seed_.size());
}

PrivateKey& PrivateKey::operator=(PrivateKey&& other) noexcept {
  if (this == &other) return *this;
  seed_ = other.seed_;
  public_ = other.public_;
  OPENSSL_cleanse(other.seed_.data(), other.seed_.size());
  return *this;
}

PrivateKey::~PrivateKey() { OPENSSL_cleanse(seed_.data(), seed_.size()); }

std::string_view PrivateKey::Seed() const {
  return {reinterpret_cast<const char*>(seed_.data()), seed_.size()};  // NOLINT: bytes as bytes
}

Result<Signature> PrivateKey::Sign(std::string_view message) const {
  const Key pkey(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed_.data(), seed_.size()));
  const Context context(EVP_MD_CTX_new());
  Signature signature{public_.Id(), {}};
  std::size_t length = signature.value.size();
  if (!pkey || !context || EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, pkey.get()) != 1 ||
      EVP_DigestSign(context.get(), signature.value.data(), &length, Bytes(message), message.size()) != 1 ||
      length != kSignatureSize) {
    return LibraryFailed("sign");
  }
  return signature;
}

bool VerifySignature(const PublicKey& key, std::string_view message, std::string_view signature) {
  if (signature.size() != kSignatureSize) return false;
  const bool holds = VerifyOnce(key, message, signature) == 1;
  if (!holds) ERR_clear_error();
  return holds;
}

ContentHash Sha256(std::string_view bytes) {
  ContentHash::Bytes digest;
  // Any value returned here would be the name of some content, so there is none to return for a failure.
  if (SHA256(Bytes(bytes), bytes.size(), digest.data()) == nullptr) throw std::runtime_error("libcrypto has no SHA-256");
  return ContentHash(digest);
}

ContentHash SignedHash(Purpose purpose, std::string_view body) { return Sha256(PreAuthEncoding(purpose, body)); }

Result<std::string> RandomBytes(std::size_t count) {
  if (count > kMaxOtherBody) return Fail(Errc::kOutOfRange, fmt::format("{} random bytes, {} at once", count, kMaxOtherBody));
  std::string bytes(count, '\0');
  auto* raw = reinterpret_cast<unsigned char*>(bytes.data());  // NOLINT: libcrypto's bytes
  if (RAND_bytes(raw, static_cast<int>(count)) != 1) return LibraryFailed("make random bytes");
  return bytes;
}

Result<std::string> Seal(Purpose purpose, std::string_view body, const PrivateKey* const* keys, std::size_t count) {
  Envelope envelope{purpose, {}, std::string(body)};
  const std::string message = PreAuthEncoding(purpose, body);
  for (std::size_t i = 0; i < count; ++i) {
    auto signature = keys[i]->Sign(message);
    if (!signature) return Failure(signature.error());
    envelope.signatures.push_back(*signature);
  }
  return WriteEnvelope(envelope);
}

Result<std::string> Seal(Purpose purpose, std::string_view body, const PrivateKey& key) {
  const PrivateKey* const keys[] = {&key};
  return Seal(purpose, body, keys, 1);
}

}  // namespace curfew
