// SPDX-License-Identifier: Apache-2.0
// Events: every step once, in order, each holding the hash of the one before. The kinds are the closed list of
// INTERFACES (host side); a request's transitions are added by core/request.h.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/names.h"
#include "core/time.h"

namespace curfew {

enum class EventKind : std::uint8_t {
  kEnrolled = 1, kBundleAccepted, kReject, kRollback, kEquivocation, kOverCeiling, kStale, kGrantIntent, kGrantActive,
  kGrantEnded, kGrantFailed, kSessionOpened, kSessionWarned, kSessionEnded, kFrozen, kThawed, kResidual, kDrift,
  kRepaired, kTaint, kReceipt, kHeartbeat, kRecovered, kClockStep, kHighestTime, kCapsuleTried, kCapsuleUsed, kDenied,
  kSpoolFull, kUnknownOutcome,
};

enum class Severity : std::uint8_t { kInfo = 1, kWarning = 2, kAlarm = 3 };

/// "bundle-accepted" and so on.
[[nodiscard]] const char* Word(EventKind kind);
/// "info", "warning", "alarm".
[[nodiscard]] const char* Word(Severity severity);

struct Event {
  std::uint64_t seq = 0;        ///< rises by one on this host, never reused
  Instant at;
  std::string boot;             ///< boot id, random(4) boot_id
  EventKind kind = EventKind::kEnrolled;
  Severity severity = Severity::kInfo;
  std::string actor;            ///< person, account or program that caused it
  std::string request;
  std::string grant;
  std::string outcome;          ///< one word: "ok", or a Reason's word
  std::string detail;           ///< plain text (IsPlainText), at most 1 KiB
  std::uint64_t version = 0;    ///< bundle version, where one is concerned
  std::string attachment;       ///< a sealed receipt, where there is one
  ContentHash previous;
  bool operator==(const Event&) const = default;
};

/// What a host seals for the controller: events in order, no gap inside. Without any it asks what the controller holds.
struct EventBatch {
  HostId host;
  std::vector<Event> events;
  bool operator==(const EventBatch&) const = default;
};

/// The controller's sealed receipt: all up to `seq` of `host` is kept; `head` is the hash of that event.
struct Delivered {
  HostId host;
  std::uint64_t seq = 0;
  ContentHash head;
  Instant at;
  bool operator==(const Delivered&) const = default;
};

}  // namespace curfew
