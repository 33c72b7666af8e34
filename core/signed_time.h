// SPDX-License-Identifier: Apache-2.0
// What a host knows of the right time from what was signed to it: its clock may be set back, by whoever can, and that MUST
// lengthen no grant.
#pragma once

#include <optional>

#include "core/accept.h"
#include "core/time.h"

namespace curfew {

/// The latest signed time that was heard.
struct TimeMark {
  Instant at{};
  std::optional<BootInstant> heard;  ///< the moment of this boot at which it was that late already; nothing: heard before it
  bool operator==(const TimeMark&) const = default;
};

/// The time that it is at least: what the clock says, or what was signed and all that has passed since.
[[nodiscard]] Instant LatestTime(const TimeMark& mark, const Now& now);

/// The mark after a receipt. It only rises: a receipt that was held up on its way tells of a time that is over.
[[nodiscard]] TimeMark Heard(const TimeMark& mark, const AcceptedDelivered& delivered, const Now& now);

/// The mark after a bundle. One of a higher version is the controller's newer word about the time, too, and sets it, also
/// back: else one wrong clock of its own, for one second, would end all that this host is ever given again.
[[nodiscard]] TimeMark Heard(const TimeMark& mark, const Accepted& bundle, const Now& now);

}  // namespace curfew
