// SPDX-License-Identifier: Apache-2.0
// What a host knows of the right time from what was signed to it: its clock may be set back, by whoever can, and that MUST
// lengthen no grant.
#pragma once

#include <optional>

#include "core/accept.h"
#include "core/time.h"

namespace curfew {

/// A signed time, and since then all that passes by the boot clock.
struct TimeLine {
  Instant at{};
  std::optional<BootInstant> heard;  ///< the moment of this boot at which it was that late already; nothing: heard before it
  bool operator==(const TimeLine&) const = default;
};

/// The signed times that were heard. Bundles and receipts apart: another key signs each, and only a bundle takes back.
struct TimeMark {
  TimeLine bundle;
  TimeLine receipt;
  Millis lifted{};  ///< by so much later receipts have raised the line of the first one of this boot
  bool operator==(const TimeMark&) const = default;
};

/// Receipts, which an online key signs, may say so much more than is known without them.
inline constexpr Seconds kMostLifted{3600};

/// The latest time that was signed.
[[nodiscard]] Instant LatestSigned(const TimeMark& mark);

/// Something of it was signed and heard in this boot, so what has passed since is known.
[[nodiscard]] bool IsOfThisBoot(const TimeMark& mark);

/// The time that it is at least: what the clock says, or what was signed and all that has passed since.
[[nodiscard]] Instant LatestTime(const TimeMark& mark, const Now& now);

/// True for a receipt that cannot be right where the bundles, the clock, or the first receipt of this boot are.
[[nodiscard]] bool IsTooFarAhead(const TimeMark& mark, const AcceptedDelivered& delivered, const Now& now);

/// The mark after a receipt. It only rises, and by none that is too far ahead. The first one of a boot is taken at its word:
/// a bundle may have come late, and the clock may say anything.
[[nodiscard]] TimeMark Heard(const TimeMark& mark, const AcceptedDelivered& delivered, const Now& now);

/// The mark after a bundle. One of a higher version that was signed before what is known takes that back: else one wrong
/// clock of the controller, for one second, would end all that this host is ever given again. What contradicts nothing is
/// only late, and what bundles said before stays known with all that has passed since.
[[nodiscard]] TimeMark Heard(const TimeMark& mark, const Accepted& bundle, const Now& now);

}  // namespace curfew
