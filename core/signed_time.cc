// SPDX-License-Identifier: Apache-2.0
// A line: at `heard` it was `at`, and since then time went on with the boot clock. A later time that is heard lays it higher,
// never lower.
#include "core/signed_time.h"

#include <algorithm>

namespace curfew {
namespace {

Instant On(const TimeLine& line, BootInstant boot) {
  return line.at + (line.heard ? std::max(Millis{0}, boot - *line.heard) : Millis{0});
}

// `at` is not before what the line says of an earlier boot, or it says less than the line does by now.
TimeLine Raised(const TimeLine& line, Instant at, const Now& now) {
  return TimeLine{at, line.heard ? std::min(now.boot, *line.heard + (at - line.at)) : now.boot};
}

// What is known without the receipts after the first.
Instant Grounded(const TimeMark& mark, const Now& now) {
  return std::max({now.utc, On(mark.bundle, now.boot), On(mark.receipt, now.boot) - mark.lifted});
}

}  // namespace

Instant LatestSigned(const TimeMark& mark) { return std::max(mark.bundle.at, mark.receipt.at); }

bool IsOfThisBoot(const TimeMark& mark) { return mark.bundle.heard || mark.receipt.heard; }

Instant LatestTime(const TimeMark& mark, const Now& now) {
  return std::max({now.utc, On(mark.bundle, now.boot), On(mark.receipt, now.boot)});
}

bool IsTooFarAhead(const TimeMark& mark, const AcceptedDelivered& delivered, const Now& now) {
  return mark.receipt.heard && delivered.Value().at > Grounded(mark, now) + kMostLifted;
}

TimeMark Heard(const TimeMark& mark, const AcceptedDelivered& delivered, const Now& now) {
  const Instant at = delivered.Value().at;
  if (at <= LatestSigned(mark) || IsTooFarAhead(mark, delivered, now)) return mark;
  TimeMark next = mark;
  next.receipt = Raised(mark.receipt, at, now);
  const Millis above = On(next.receipt, now.boot) - Grounded(mark, now);
  next.lifted = mark.receipt.heard ? std::max(Millis{0}, above) : Millis{0};
  return next;
}

TimeMark Heard(const TimeMark& mark, const Accepted& bundle, const Now& now) {
  const Instant at = bundle.Value().issued;
  if (bundle.Same() && at <= LatestSigned(mark)) return mark;
  TimeMark next = mark;
  next.bundle = at < mark.bundle.at ? TimeLine{at, now.boot} : Raised(mark.bundle, at, now);
  if (at >= mark.receipt.at) return next;
  next.receipt = TimeLine{};
  next.lifted = Millis{0};
  return next;
}

}  // namespace curfew
