// SPDX-License-Identifier: Apache-2.0
// The frame, byte by byte. MUST look at no byte beyond what it was given, believe no length, and allocate only what is there.
#include "core/envelope.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

namespace curfew {
namespace {

constexpr std::string_view kMagic = "CRFW";
constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kHeadSize = 12;
constexpr std::size_t kSignatureSize = 64;
constexpr std::size_t kKeyIdSize = 32;

std::uint8_t ByteAt(std::string_view bytes, std::size_t at) { return static_cast<std::uint8_t>(bytes[at]); }

std::optional<Purpose> ToPurpose(std::uint8_t number) {
  if (number < static_cast<std::uint8_t>(Purpose::kRoles) || number > static_cast<std::uint8_t>(Purpose::kCapsule)) {
    return std::nullopt;
  }
  return static_cast<Purpose>(number);
}

// The media types are signed; they are frozen with the purposes' numbers.
std::string_view MediaType(Purpose purpose) {
  switch (purpose) {
    case Purpose::kRoles: return "application/vnd.curfew.roles.v1";
    case Purpose::kBundle: return "application/vnd.curfew.bundle.v1";
    case Purpose::kLease: return "application/vnd.curfew.lease.v1";
    case Purpose::kRevocation: return "application/vnd.curfew.revocation.v1";
    case Purpose::kReceipt: return "application/vnd.curfew.receipt.v1";
    case Purpose::kEvents: return "application/vnd.curfew.events.v1";
    case Purpose::kDelivered: return "application/vnd.curfew.delivered.v1";
    case Purpose::kApproval: return "application/vnd.curfew.approval.v1";
    case Purpose::kCapsule: return "application/vnd.curfew.capsule.v1";
  }
  return "application/vnd.curfew.none";
}

Failure Bad(std::string_view field, std::size_t offset, std::string_view what) {
  return Fail(Errc::kMalformed, fmt::format("{} at byte {} {}", field, offset, what), "envelope");
}

struct Head {
  Purpose purpose;
  std::size_t signatures;
  std::size_t body;
};

Result<Head> ParseHead(std::string_view bytes) {
  if (bytes.size() < kHeadSize) return Bad("head", bytes.size(), "is cut short");
  if (!bytes.starts_with(kMagic)) return Bad("magic", 0, "is not CRFW");
  if (ByteAt(bytes, 4) != kVersion) return Bad("version", 4, "is not 1");
  const auto purpose = ToPurpose(ByteAt(bytes, 5));
  if (!purpose) return Bad("purpose", 5, "is unknown");
  const std::size_t signatures = ByteAt(bytes, 6);
  if (signatures < 1 || signatures > kMaxSignatures) return Bad("count of signatures", 6, "is not 1 to 8");
  if (ByteAt(bytes, 7) != 0) return Bad("reserved byte", 7, "is not 0");
  std::size_t body = 0;
  for (std::size_t i = 8; i < kHeadSize; ++i) body = body << 8U | ByteAt(bytes, i);
  if (body > MaxBody(*purpose)) return Bad("body length", 8, "is over the limit of this purpose");
  return Head{*purpose, signatures, body};
}

}  // namespace

std::size_t MaxBody(Purpose purpose) { return purpose == Purpose::kBundle ? kMaxBundleBody : kMaxOtherBody; }

Result<Envelope> ParseEnvelope(std::string_view bytes) {
  const auto head = ParseHead(bytes);
  if (!head) return Failure(head.error());
  const std::size_t whole = kHeadSize + head->signatures * (kKeyIdSize + kSignatureSize) + head->body;
  if (bytes.size() < whole) return Bad("frame", bytes.size(), fmt::format("is cut short, {} bytes were announced", whole));
  if (bytes.size() > whole) return Bad("frame", whole, "is followed by something else");

  Envelope envelope{head->purpose, {}, {}};
  std::string_view rest = bytes.substr(kHeadSize);
  for (std::size_t i = 0; i < head->signatures; ++i) {
    Signature signature{*KeyId::FromBytes(rest.substr(0, kKeyIdSize)), {}};
    std::ranges::transform(rest.substr(kKeyIdSize, kSignatureSize), signature.value.begin(),
                           [](char c) { return static_cast<std::uint8_t>(c); });
    envelope.signatures.push_back(signature);
    rest.remove_prefix(kKeyIdSize + kSignatureSize);
  }
  envelope.body = rest;
  return envelope;
}

Result<std::string> WriteEnvelope(const Envelope& envelope) {
  const std::size_t count = envelope.signatures.size();
  if (count < 1 || count > kMaxSignatures) {
    return Fail(Errc::kOutOfRange, fmt::format("{} signatures, 1 to 8 fit", count), "envelope");
  }
  if (envelope.body.size() > MaxBody(envelope.purpose)) {
    return Fail(Errc::kOutOfRange,
                fmt::format("the body has {} bytes, {} fit", envelope.body.size(), MaxBody(envelope.purpose)), "envelope");
  }
  std::string bytes(kMagic);
  for (const std::size_t field : {std::size_t{kVersion}, static_cast<std::size_t>(envelope.purpose), count, std::size_t{0}}) {
    bytes += static_cast<char>(field);
  }
  for (const unsigned shift : {24U, 16U, 8U, 0U}) bytes += static_cast<char>(envelope.body.size() >> shift & 0xffU);
  for (const Signature& signature : envelope.signatures) {
    bytes += signature.key.Raw();
    bytes.append(signature.value.begin(), signature.value.end());
  }
  bytes += envelope.body;
  return bytes;
}

// DSSE v1 (secure-systems-lab/dsse, protocol.md): "DSSEv1" SP LEN(type) SP type SP LEN(body) SP body.
std::string PreAuthEncoding(Purpose purpose, std::string_view body) {
  const std::string_view type = MediaType(purpose);
  std::string bytes = fmt::format("DSSEv1 {} {} {} ", type.size(), type, body.size());
  bytes += body;
  return bytes;
}

}  // namespace curfew
