// SPDX-License-Identifier: Apache-2.0
// Buckets on the boot clock.
#include "agent/enforcer/state/refusals.h"

namespace curfew {
namespace {

constexpr Seconds kEach{1};

}  // namespace

void Refusals::Note(Event event, const Now& now) {
  Bucket& bucket = buckets_[event.kind];
  const auto earned = (now.boot - bucket.refilled) / kEach;
  if (earned > 0) {
    bucket.allowance = static_cast<int>(std::min<std::int64_t>(kMost, bucket.allowance + earned));
    bucket.refilled = now.boot;
  }
  if (bucket.allowance == 0) {
    ++bucket.left_out;
    return;
  }
  --bucket.allowance;
  if (bucket.left_out > 0) AddDetail(event, " (" + std::to_string(bucket.left_out) + " more were not recorded)");
  bucket.left_out = 0;
  journal_.Note(std::move(event));
}

}  // namespace curfew
