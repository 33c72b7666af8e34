// SPDX-License-Identifier: Apache-2.0
// The enforcer's timers: one on UTC, which a step of the clock wakes too, one on the boot clock, and one tick a minute.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <functional>

#include "core/desired.h"
#include "os/timer_fd.h"

namespace curfew {

class Clockwork {
 public:
  struct Causes {
    std::function<void()> deadline;
    std::function<void()> stepped;
    std::function<void()> tick;
  };
  Clockwork(boost::asio::io_context& loop, TimerFd utc, TimerFd boot, TimerFd tick)
      : utc_(loop, utc.Release()), boot_(loop, boot.Release()), tick_(loop, tick.Release()) {}

  void Start(Causes causes);
  void WakeAt(const NextWake& next);

 private:
  void WaitUtc();
  void WaitBoot();
  void WaitTick();
  Causes causes_;
  boost::asio::posix::stream_descriptor utc_;
  boost::asio::posix::stream_descriptor boot_;
  boost::asio::posix::stream_descriptor tick_;
};

}  // namespace curfew
