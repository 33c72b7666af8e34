// SPDX-License-Identifier: Apache-2.0
// The frames of proto/wire.proto as values, read and written by the controller. Reading is bounded and never trusts.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "controller/fleet/authority.h"
#include "core/result.h"

namespace curfew {

/// What one frame from a host may be at most: a sealed batch and its frame; a hello is far smaller.
inline constexpr std::size_t kMostFromHost = (std::size_t{64} << 10U) + 4096;
inline constexpr std::size_t kMostHello = 4096;

struct SealedBatch {
  std::string bytes;
};
struct Ping {};
/// A message of a later version: passed over.
struct UnknownMessage {};

using HostMessage = std::variant<AgentFacts, SealedBatch, Ping, UnknownMessage>;

/// kMalformed for what is no FromHost, or a hello with text that is not plain.
[[nodiscard]] Result<HostMessage> ReadFromHost(const std::string& frame);

[[nodiscard]] std::string WriteOffer(std::string sealed);
[[nodiscard]] std::string WritePong();

}  // namespace curfew
