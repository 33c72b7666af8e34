// SPDX-License-Identifier: Apache-2.0
// The words of the closed list of event kinds; scripts and dashboards match them, so a word never changes.
#include "core/event.h"

#include <array>

namespace curfew {

namespace {

// In the order of the enumeration, whose numbers are signed: they begin at 1.
constexpr std::array kWords = {
    "enrolled", "bundle-accepted", "reject", "rollback", "equivocation", "over-ceiling", "stale",
    "grant-intent", "grant-active", "grant-ended", "grant-failed", "session-opened", "session-warned",
    "session-ended", "frozen", "thawed", "residual", "drift", "repaired", "taint", "receipt", "heartbeat",
    "recovered", "clock-step", "highest-time", "capsule-tried", "capsule-used", "denied", "spool-full",
    "unknown-outcome"};
static_assert(kWords.size() == static_cast<std::size_t>(EventKind::kUnknownOutcome));

}  // namespace

const char* Word(EventKind kind) {
  const auto place = static_cast<std::size_t>(kind) - 1;
  return place < kWords.size() ? kWords.at(place) : kWords.back();
}

const char* Word(Severity severity) {
  switch (severity) {
    case Severity::kInfo: return "info";
    case Severity::kWarning: return "warning";
    case Severity::kAlarm: return "alarm";
  }
  return "alarm";
}

}  // namespace curfew
