// SPDX-License-Identifier: Apache-2.0
// The frames of proto/wire.proto as the link writes and reads them, and what it takes from the enforcer's own answers.
// What is sealed inside them is passed on unread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "core/result.h"

namespace curfew {

/// A sealed bundle with its frame, and what protobuf puts around it.
inline constexpr std::size_t kMostToHost = (std::size_t{4} << 20U) + 8192;

struct Offer {
  std::string sealed;
};
struct Pong {};
/// A message of a later controller: passed over.
struct UnknownFromController {};

using ControllerMessage = std::variant<Offer, Pong, UnknownFromController>;

[[nodiscard]] Result<ControllerMessage> ReadToHost(const std::string& frame);

/// Hello, from the enforcer's status answer (a LocalStatus).
[[nodiscard]] Result<std::string> WriteHello(const std::string& status);
[[nodiscard]] std::string WriteBatch(std::string sealed);
[[nodiscard]] std::string WritePing();

/// Why the enforcer refused an offer.
struct RefusedOffer {
  std::string words;
  bool passing = false;  ///< its disk refused, not its judgement: it would take the same offer later
};
/// From a LocalVerdict; nothing when the offer was accepted.
[[nodiscard]] std::optional<RefusedOffer> RefusalIn(const std::string& verdict);

}  // namespace curfew
