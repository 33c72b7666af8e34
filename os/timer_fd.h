// SPDX-License-Identifier: Apache-2.0
// A timerfd(2) at an absolute moment. The one on UTC also wakes when somebody sets the clock.
#pragma once

#include <optional>

#include "core/result.h"
#include "core/time.h"
#include "os/file_descriptor.h"

namespace curfew {

class TimerFd {
 public:
  [[nodiscard]] static Result<TimerFd> OnUtc();
  [[nodiscard]] static Result<TimerFd> OnBoot();

  [[nodiscard]] int Number() const { return timer_.Get(); }
  [[nodiscard]] int Release() { return timer_.Release(); }

 private:
  explicit TimerFd(FileDescriptor timer) : timer_(std::move(timer)) {}
  FileDescriptor timer_;
};

/// Arms the UTC timer `number` for `at`; without it, for the end of time, so that a step of the clock still wakes.
[[nodiscard]] Result<void> ArmUtcTimer(int number, std::optional<Instant> at);
/// Arms the boot timer `number` for `at`, or disarms it.
[[nodiscard]] Result<void> ArmBootTimer(int number, std::optional<BootInstant> at);
/// Takes the expiry away; true when the clock was set (ECANCELED).
[[nodiscard]] bool DrainTimer(int number);

}  // namespace curfew
