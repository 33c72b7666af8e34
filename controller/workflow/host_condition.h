// SPDX-License-Identifier: Apache-2.0
// What a host's events tell of the host itself: what drifted and was repaired there, and how far its clock is from
// ours. Shown to people; no decision rests on it.
#pragma once

#include "controller/workflow/change.h"

namespace curfew {

/// A bundle on its way: which one, and when it was handed to the host's line.
struct SentBundle {
  std::uint64_t version = 0;
  Instant at;
};

/// Keeps the host's list of what drifted.
void NoteDrift(Change& change, const HostId& host, const Event& event);

/// How far the host's clock is from ours, by its signed acknowledgement of a bundle: it was made between our sending
/// and our receiving. nullopt when too much time lies between them for a figure to be worth anything.
[[nodiscard]] std::optional<Millis> ClockOffset(const SentBundle& sent, Instant acknowledged, Instant received);

}  // namespace curfew
