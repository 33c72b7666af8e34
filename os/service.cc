// SPDX-License-Identifier: Apache-2.0
// Without a service manager these do nothing.
#include "os/service.h"

#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace curfew {

std::vector<PassedSocket> TakePassedSockets() {
  std::vector<PassedSocket> sockets;
  char** names = nullptr;
  const int count = ::sd_listen_fds_with_names(1, &names);
  for (int i = 0; i < count; ++i) {
    sockets.push_back(PassedSocket{names[i] == nullptr ? "" : names[i], FileDescriptor(SD_LISTEN_FDS_START + i)});
    std::free(names[i]);  // NOLINT: allocated by libsystemd
  }
  std::free(names);  // NOLINT: allocated by libsystemd
  return sockets;
}

bool SystemdRuns() { return ::sd_booted() > 0; }

void NotifyReady(const std::string& status) { ::sd_notify(0, ("READY=1\nSTATUS=" + status).c_str()); }

void NotifyAlive() { ::sd_notify(0, "WATCHDOG=1"); }

void LogLine(int level, const std::string& text) {
  // sd-daemon(3): the service manager reads the level from the line itself.
  const std::string line = "<" + std::to_string(level) + ">" + text + "\n";
  std::fputs(line.c_str(), stderr);
}

void NotifyStopping() { ::sd_notify(0, "STOPPING=1"); }

}  // namespace curfew
