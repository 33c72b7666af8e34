// SPDX-License-Identifier: Apache-2.0
// A repair names what it repaired by the words of the drift, or at least by its place, the part before the first colon.
#include "controller/workflow/host_condition.h"

#include <algorithm>

namespace curfew {
namespace {

constexpr Millis kLongestRoundTrip{2000};

std::string_view PlaceIn(std::string_view what) { return what.substr(0, what.find(": ")); }

void DropRepaired(Store& store, const HostId& host, const std::string& what) {
  const auto drift = store.DriftOf(host);
  const bool exact = std::any_of(drift.begin(), drift.end(), [&](const DriftRecord& one) { return one.what == what; });
  for (const auto& one : drift) {
    if (exact ? one.what == what : PlaceIn(one.what) == PlaceIn(what)) store.DropDrift(host, one.what);
  }
}

}  // namespace

void NoteDrift(Change& change, const HostId& host, const Event& event) {
  if (event.kind == EventKind::kDrift) change.Keep().AddDrift(host, {event.at, event.boot, event.detail});
  if (event.kind == EventKind::kRepaired) DropRepaired(change.Keep(), host, event.detail);
}

std::optional<Millis> ClockOffset(const SentBundle& sent, Instant acknowledged, Instant received) {
  const Millis between = received - sent.at;
  if (between < Millis{0} || between > kLongestRoundTrip) return std::nullopt;
  return acknowledged - (sent.at + between / 2);
}

}  // namespace curfew
