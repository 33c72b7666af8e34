// SPDX-License-Identifier: Apache-2.0
// How many refusals the log may still be told of: nothing is ever taken out of it, so whoever can cause refusals MUST NOT
// be able to fill it. Takes its time as a value, of the clock that nobody sets.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/time.h"

namespace curfew {

class RejectRoom {
 public:
  struct Terms {
    double most;
    Seconds each;  ///< there is room for one more after so long
  };
  explicit RejectRoom(Terms terms) : terms_(terms), left_(terms.most) {}

  /// Room for one now: what its line adds about those that had none (mostly nothing). nullopt: it goes unrecorded.
  [[nodiscard]] std::optional<std::string> Take(BootInstant now);

 private:
  Terms terms_;
  double left_;
  BootInstant filled_{};
  std::uint64_t unrecorded_ = 0;
};

}  // namespace curfew
