// SPDX-License-Identifier: Apache-2.0
// Counting signatures. MUST count keys, not signatures; know a key by the id computed here, not by the one that stands in
// the envelope; and hold nothing as verified that fewer than one key signed.
#include "core/trust.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

namespace curfew {
namespace {

std::string_view Raw(const Signature& signature) {
  return {reinterpret_cast<const char*>(signature.value.data()), signature.value.size()};  // NOLINT: bytes as bytes
}

std::vector<KeyId> CountSigners(const Envelope& envelope, const Role& role) {
  const std::string message = PreAuthEncoding(envelope.purpose, envelope.body);
  std::set<KeyId> signers;
  for (const PublicKey& key : role.keys) {
    const KeyId id = key.Id();
    const bool holds = std::ranges::any_of(envelope.signatures, [&](const Signature& signature) {
      return signature.key == id && VerifySignature(key, message, Raw(signature));
    });
    if (holds) signers.insert(id);
  }
  return {signers.begin(), signers.end()};
}

}  // namespace

Verdict<Verified> Verify(std::string_view sealed, Purpose expected, const Role& role) {
  auto envelope = ParseEnvelope(sealed);
  if (!envelope) return Deny{Reason::kMalformed, envelope.error().Text()};
  if (envelope->purpose != expected) {
    return Deny{Reason::kWrongPurpose, fmt::format("sealed for purpose {}, not {}", static_cast<int>(envelope->purpose),
                                                   static_cast<int>(expected))};
  }
  Verified verified;
  verified.signers_ = CountSigners(*envelope, role);
  if (verified.signers_.empty()) return Deny{Reason::kBadSignature, "no key of the role signed this"};
  if (role.threshold < 1 || verified.signers_.size() < role.threshold) {
    return Deny{Reason::kTooFewSignatures,
                fmt::format("{} of {} needed keys signed this", verified.signers_.size(), role.threshold)};
  }
  verified.purpose_ = expected;
  verified.hash_ = SignedHash(expected, envelope->body);
  verified.body_ = std::move(envelope->body);
  return verified;
}

const Role* FindRole(const RoleTable& table, Purpose purpose) {
  const auto found = table.roles.find(purpose);
  return found == table.roles.end() ? nullptr : &found->second;
}

}  // namespace curfew
