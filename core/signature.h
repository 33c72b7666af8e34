// SPDX-License-Identifier: Apache-2.0
// Ed25519 and SHA-256 over libcrypto. MUST accept a signature only when the one-shot verify returns exactly 1.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/envelope.h"
#include "core/names.h"
#include "core/result.h"

namespace curfew {

/// A raw Ed25519 public key (RFC 8032).
struct PublicKey {
  std::array<std::uint8_t, 32> raw{};
  auto operator<=>(const PublicKey&) const = default;
  [[nodiscard]] static Result<PublicKey> FromBytes(std::string_view bytes);
  [[nodiscard]] std::string_view Raw() const {
    return {reinterpret_cast<const char*>(raw.data()), raw.size()};  // NOLINT: bytes as bytes
  }
  /// SHA-256("ed25519" ‖ raw).
  [[nodiscard]] KeyId Id() const;
};

/// An Ed25519 private key; its seed is wiped when it goes. Move only.
class PrivateKey {
 public:
  [[nodiscard]] static Result<PrivateKey> Generate();
  /// kMalformed unless 32 bytes.
  [[nodiscard]] static Result<PrivateKey> FromSeed(std::string_view seed);
  PrivateKey(PrivateKey&& other) noexcept;
  PrivateKey& operator=(PrivateKey&& other) noexcept;
  PrivateKey(const PrivateKey&) = delete;
  PrivateKey& operator=(const PrivateKey&) = delete;
  ~PrivateKey();

  [[nodiscard]] const PublicKey& Public() const { return public_; }
  /// The 32-byte seed, to be written to a file that only its owner can read.
  [[nodiscard]] std::string_view Seed() const;
  [[nodiscard]] Result<Signature> Sign(std::string_view message) const;

 private:
  PrivateKey() = default;
  std::array<std::uint8_t, 32> seed_{};
  PublicKey public_;
};

/// True only when libcrypto says exactly 1; every failure inside it is false.
[[nodiscard]] bool VerifySignature(const PublicKey& key, std::string_view message, std::string_view signature);

[[nodiscard]] ContentHash Sha256(std::string_view bytes);

/// What a sealed message is known by (marks, Bundle::previous): SHA-256 of the bytes that are signed. Not of the whole
/// envelope: whoever carries it could add a worthless signature, and so give one message two hashes.
[[nodiscard]] ContentHash SignedHash(Purpose purpose, std::string_view body);

/// `count` random bytes, 64 KiB at most, from the library's generator; kSystem when it has none.
[[nodiscard]] Result<std::string> RandomBytes(std::size_t count);

/// Seals `body` for `purpose` with every key given (1 to 8).
[[nodiscard]] Result<std::string> Seal(Purpose purpose, std::string_view body, const PrivateKey* const* keys, std::size_t count);
[[nodiscard]] Result<std::string> Seal(Purpose purpose, std::string_view body, const PrivateKey& key);

}  // namespace curfew
