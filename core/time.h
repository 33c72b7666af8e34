// SPDX-License-Identifier: Apache-2.0
// Instants as values: core never reads a clock; whoever calls passes `Now`, taken once per turn.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.h"

namespace curfew {

using Millis = std::chrono::milliseconds;
using Seconds = std::chrono::seconds;

/// A moment in UTC, in milliseconds since 1970 (POSIX: no leap seconds).
using Instant = std::chrono::sys_time<Millis>;

/// The clock that counts from boot and goes on in suspend (CLOCK_BOOTTIME, clock_gettime(2)). A tag, it cannot be read.
struct BootClock {
  using duration = Millis;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<BootClock, Millis>;
  static constexpr bool is_steady = true;
};

/// A moment of this boot, in milliseconds since it began.
using BootInstant = BootClock::time_point;

/// Both clocks at one moment; a value that a turn of a loop takes once.
struct Now {
  Instant utc;
  BootInstant boot;
};

/// Latest instant that any signed field may hold: 9999-12-31T23:59:59Z.
inline constexpr Instant kEndOfTime{Millis{253402300799000}};

/// Whole UTC seconds since 1970, rounded down.
[[nodiscard]] constexpr std::int64_t UnixSeconds(Instant at) {
  return std::chrono::floor<Seconds>(at).time_since_epoch().count();
}

/// The instant of whole UTC seconds since 1970.
[[nodiscard]] constexpr Instant FromUnixSeconds(std::int64_t seconds) { return Instant{Seconds{seconds}}; }

/// RFC 3339 in UTC with milliseconds: 2026-11-22T18:00:00.000Z (the form of all JSON).
[[nodiscard]] std::string Rfc3339Millis(Instant at);

/// RFC 3339 in UTC, whole seconds: 2026-11-22T18:00:00Z (the form in rendered files).
[[nodiscard]] std::string Rfc3339(Instant at);

/// Reads both forms above, `Z` only; kMalformed for everything else, years 1970 to 9999.
[[nodiscard]] Result<Instant> ParseRfc3339(std::string_view text);

/// YYYYMMDDHHMMSSZ: generalized time as sudoers(5) NOTAFTER and sshd(8) expiry-time read it.
[[nodiscard]] std::string CompactUtc(Instant at);

/// Reads what CompactUtc writes, nothing else.
[[nodiscard]] Result<Instant> ParseCompactUtc(std::string_view text);

/// "90s", "15m", "2h", "1h30m", "1d" to a duration; one second to 366 days, kMalformed or kOutOfRange else.
[[nodiscard]] Result<Seconds> ParseDuration(std::string_view text);

/// The shortest form that ParseDuration reads back: "1h30m".
[[nodiscard]] std::string FormatDuration(Seconds length);

}  // namespace curfew
