// SPDX-License-Identifier: Apache-2.0
// The sealed envelope's fixed frame (DESIGN §3): read as root before any trust exists, so it MUST stay small, bounded
// and free of allocation by declared sizes. Reading a frame proves nothing; trust.h does.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/names.h"
#include "core/result.h"

namespace curfew {

/// What an envelope is for; part of what is signed, so that no message can stand for another. Numbers are frozen.
enum class Purpose : std::uint8_t {
  kRoles = 1,       ///< role table and ceilings, by root
  kBundle = 2,      ///< the desired state of one host, by the online bundle key
  kLease = 3,       ///< "bundle V was current at T"
  kRevocation = 4,  ///< takes away; any one revoker
  kReceipt = 5,     ///< a host's proof of an end, by its audit key
  kEvents = 6,      ///< a host's batch of events, by its audit key
  kDelivered = 7,   ///< controller's receipt for events, by the lease key
  kApproval = 8,    ///< a person's yes
  kCapsule = 9,     ///< break-glass
};

inline constexpr std::size_t kMaxSignatures = 8;
inline constexpr std::size_t kMaxBundleBody = std::size_t{4} << 20U;
inline constexpr std::size_t kMaxOtherBody = std::size_t{64} << 10U;

struct Signature {
  KeyId key;
  std::array<std::uint8_t, 64> value{};
  bool operator==(const Signature&) const = default;
};

/// Frame: "CRFW", version 1, purpose, count of signatures, zero, body length (u32 BE), signatures, body.
struct Envelope {
  Purpose purpose = Purpose::kRoles;
  std::vector<Signature> signatures;
  std::string body;
  bool operator==(const Envelope&) const = default;
};

/// The largest body a purpose may carry, in bytes.
[[nodiscard]] std::size_t MaxBody(Purpose purpose);

/// Exactly one frame, nothing after it; kMalformed otherwise, saying which field and offset.
[[nodiscard]] Result<Envelope> ParseEnvelope(std::string_view bytes);

/// The frame of an envelope whose parts are within bounds (kOutOfRange else).
[[nodiscard]] Result<std::string> WriteEnvelope(const Envelope& envelope);

/// DSSE v1 pre-authentication encoding of the purpose's media type and the body: the bytes that are signed.
[[nodiscard]] std::string PreAuthEncoding(Purpose purpose, std::string_view body);

}  // namespace curfew
