// SPDX-License-Identifier: Apache-2.0
// Signed bodies to values and back: the only place that knows the wire's types. MUST refuse unknown fields, unknown
// enum values, text that is not plain UTF-8, and counts over the bounds below; decoders of signed bodies take Verified.
#pragma once

#include <string>

#include "core/bundle.h"
#include "core/event.h"
#include "core/trust.h"

namespace curfew {

inline constexpr std::size_t kMaxGrants = 20000;
inline constexpr std::size_t kMaxTombstones = 100000;
inline constexpr std::size_t kMaxManaged = 1000;
inline constexpr std::size_t kMaxEvents = 1000;
inline constexpr std::size_t kMaxSurvivors = 48;           ///< so that a receipt with all of them fits into one attachment
inline constexpr std::size_t kLongestSurvivorText = 256;   ///< bytes of command and of unit
inline constexpr std::size_t kMaxAttachment = std::size_t{32} << 10U;

[[nodiscard]] std::string EncodeRoleTable(const RoleTable& table);
[[nodiscard]] Result<RoleTable> DecodeRoleTable(const Verified& body);

[[nodiscard]] std::string EncodeBundle(const Bundle& bundle);
[[nodiscard]] Result<Bundle> DecodeBundle(const Verified& body);

/// Fixed frame, not protobuf: "RVK1", host id, grant id (22 bytes), at, until (i64 BE, whole seconds).
[[nodiscard]] std::string EncodeRevocation(const Revocation& revocation);
[[nodiscard]] Result<Revocation> DecodeRevocation(const Verified& body);

[[nodiscard]] std::string EncodeReceipt(const Receipt& receipt);
[[nodiscard]] Result<Receipt> DecodeReceipt(const Verified& body);

[[nodiscard]] std::string EncodeEventBatch(const EventBatch& batch);
[[nodiscard]] Result<EventBatch> DecodeEventBatch(const Verified& body);

[[nodiscard]] std::string EncodeDelivered(const Delivered& delivered);
[[nodiscard]] Result<Delivered> DecodeDelivered(const Verified& body);

/// The hash that the next event holds: SHA-256 of the event's own encoding.
[[nodiscard]] ContentHash HashEvent(const Event& event);

/// One event as bytes for the spool, and back (kMalformed when the disk lied).
[[nodiscard]] std::string EncodeEvent(const Event& event);
[[nodiscard]] Result<Event> DecodeEvent(std::string_view bytes);

/// The event as DecodeEvent takes it back, with texts escaped and cut where they would be refused: one that could not be read
/// back would stop the record of its host.
[[nodiscard]] Event Readable(Event event);

}  // namespace curfew
