// SPDX-License-Identifier: Apache-2.0
// A mark is a line: at `heard` it was `at`, and since then time went on with the boot clock. No later mark lies below it.
#include "core/signed_time.h"

#include <algorithm>

namespace curfew {
namespace {

TimeMark Raised(const TimeMark& mark, Instant at, const Now& now) {
  if (at <= mark.at) return mark;
  const BootInstant heard = mark.heard ? std::min(now.boot, *mark.heard + (at - mark.at)) : now.boot;
  return TimeMark{at, heard};
}

}  // namespace

Instant LatestTime(const TimeMark& mark, const Now& now) {
  const Millis since = mark.heard ? std::max(Millis{0}, now.boot - *mark.heard) : Millis{0};
  return std::max(now.utc, mark.at + since);
}

TimeMark Heard(const TimeMark& mark, const AcceptedDelivered& delivered, const Now& now) {
  return Raised(mark, delivered.Value().at, now);
}

TimeMark Heard(const TimeMark& mark, const Accepted& bundle, const Now& now) {
  return bundle.Same() ? Raised(mark, bundle.Value().issued, now) : TimeMark{bundle.Value().issued, now.boot};
}

}  // namespace curfew
