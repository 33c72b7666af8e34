// SPDX-License-Identifier: Apache-2.0
// timerfd_create(2): TFD_TIMER_CANCEL_ON_SET works on absolute CLOCK_REALTIME timers only.
#include "os/timer_fd.h"

#include <sys/timerfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

#include "os/system_error.h"

namespace curfew {
namespace {

Result<FileDescriptor> Create(int clock) {
  FileDescriptor timer(::timerfd_create(clock, TFD_NONBLOCK | TFD_CLOEXEC));
  if (!timer.IsOpen()) return SystemFailure(errno, "cannot make a timer", "timerfd_create");
  return timer;
}

Result<void> Arm(int number, Millis since, int flags) {
  itimerspec when{};
  when.it_value.tv_sec = since.count() / 1000;
  when.it_value.tv_nsec = (since.count() % 1000) * 1000000;
  // All zero means "disarm" (timerfd_settime(2)); a moment that early is long past either way.
  if (since <= Millis{0}) when.it_value.tv_nsec = 1;
  if (::timerfd_settime(number, flags, &when, nullptr) != 0) {
    return SystemFailure(errno, "cannot arm the timer", "timerfd_settime");
  }
  return {};
}

}  // namespace

Result<TimerFd> TimerFd::OnUtc() {
  auto timer = Create(CLOCK_REALTIME);
  if (!timer) return Failure(timer.error());
  return TimerFd(std::move(*timer));
}

Result<TimerFd> TimerFd::OnBoot() {
  auto timer = Create(CLOCK_BOOTTIME);
  if (!timer) return Failure(timer.error());
  return TimerFd(std::move(*timer));
}

Result<void> ArmUtcTimer(int number, std::optional<Instant> at) {
  return Arm(number, at.value_or(kEndOfTime).time_since_epoch(), TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET);
}

Result<void> ArmBootTimer(int number, std::optional<BootInstant> at) {
  if (at) return Arm(number, at->time_since_epoch(), TFD_TIMER_ABSTIME);
  const itimerspec never{};
  if (::timerfd_settime(number, 0, &never, nullptr) != 0) {
    return SystemFailure(errno, "cannot disarm the timer", "timerfd_settime");
  }
  return {};
}

bool DrainTimer(int number) {
  std::uint64_t expiries = 0;
  return ::read(number, &expiries, sizeof expiries) < 0 && errno == ECANCELED;
}

}  // namespace curfew
