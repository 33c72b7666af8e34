// SPDX-License-Identifier: Apache-2.0
// The service manager's side of a daemon: sockets it hands over, readiness, watchdog (sd_listen_fds(3), sd_notify(3)).
#pragma once

#include <string>
#include <vector>

#include "os/file_descriptor.h"

namespace curfew {

struct PassedSocket {
  std::string name;  ///< FileDescriptorName=, or the unit's name
  FileDescriptor socket;
};

/// What systemd passed; empty when it passed nothing. The environment is cleared of it.
[[nodiscard]] std::vector<PassedSocket> TakePassedSockets();

/// sd_booted(3): the service manager of this machine is systemd.
[[nodiscard]] bool SystemdRuns();

void NotifyReady(const std::string& status);
void NotifyAlive();
void NotifyStopping();

/// One line for the journal; `level` as syslog(3) numbers it (2 critical, 4 warning, 6 informational).
void LogLine(int level, const std::string& text);

}  // namespace curfew
