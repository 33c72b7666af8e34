// SPDX-License-Identifier: Apache-2.0
// timerfd through Asio: a wait for readiness, then the expiry is taken away.
#include "agent/enforcer/wake/clockwork.h"

#include "os/machine.h"

namespace curfew {
namespace {

constexpr Seconds kTick{60};
constexpr auto kRead = boost::asio::posix::stream_descriptor::wait_read;

void ArmTick(int number) { static_cast<void>(ArmBootTimer(number, ReadNow().boot + kTick)); }

}  // namespace

void Clockwork::Start(Causes causes) {
  causes_ = std::move(causes);
  ArmTick(tick_.native_handle());
  WaitUtc();
  WaitBoot();
  WaitTick();
}

void Clockwork::WakeAt(const NextWake& next) {
  static_cast<void>(ArmUtcTimer(utc_.native_handle(), next.utc));
  static_cast<void>(ArmBootTimer(boot_.native_handle(), next.boot));
}

void Clockwork::WaitUtc() {
  utc_.async_wait(kRead, [this](const boost::system::error_code& stopped) {
    if (stopped) return;
    const bool stepped = DrainTimer(utc_.native_handle());
    WaitUtc();
    (stepped ? causes_.stepped : causes_.deadline)();
  });
}

void Clockwork::WaitBoot() {
  boot_.async_wait(kRead, [this](const boost::system::error_code& stopped) {
    if (stopped) return;
    static_cast<void>(DrainTimer(boot_.native_handle()));
    WaitBoot();
    causes_.deadline();
  });
}

void Clockwork::WaitTick() {
  tick_.async_wait(kRead, [this](const boost::system::error_code& stopped) {
    if (stopped) return;
    static_cast<void>(DrainTimer(tick_.native_handle()));
    ArmTick(tick_.native_handle());
    WaitTick();
    causes_.tick();
  });
}

}  // namespace curfew
