// SPDX-License-Identifier: Apache-2.0
// A bucket on the boot clock.
#include "agent/enforcer/refusals.h"

namespace curfew {
namespace {

constexpr int kMost = 10;
constexpr Seconds kEach{10};

}  // namespace

void Refusals::Note(Event event, const Now& now) {
  const auto earned = (now.boot - refilled_) / kEach;
  if (earned > 0) {
    allowance_ = static_cast<int>(std::min<std::int64_t>(kMost, allowance_ + earned));
    refilled_ = now.boot;
  }
  if (allowance_ == 0) {
    ++left_out_;
    return;
  }
  --allowance_;
  if (left_out_ > 0) event.detail += " (" + std::to_string(left_out_) + " more were not recorded)";
  left_out_ = 0;
  journal_.Note(std::move(event));
}

}  // namespace curfew
