// SPDX-License-Identifier: Apache-2.0
// signalfd(2) over SIGINT and SIGTERM.
#include "cli/interrupt.h"

#include <sys/signalfd.h>

#include <csignal>
#include <cstring>

namespace curfew {
namespace {

sigset_t Caught() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

}  // namespace

Answer<Interrupt> Interrupt::Catch() {
  const sigset_t set = Caught();
  FileDescriptor descriptor(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!descriptor.IsOpen()) return Refuse(ExitCode::kFailed, std::string("signalfd: ") + std::strerror(errno));
  sigprocmask(SIG_BLOCK, &set, nullptr);
  return Interrupt(std::move(descriptor));
}

Interrupt::~Interrupt() {
  if (!descriptor_.IsOpen()) return;
  // What was caught is taken, or it would still end the program once it is let through.
  signalfd_siginfo caught{};
  while (read(descriptor_.Get(), &caught, sizeof caught) > 0) continue;
  const sigset_t set = Caught();
  sigprocmask(SIG_UNBLOCK, &set, nullptr);
}

}  // namespace curfew
