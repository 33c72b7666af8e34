// SPDX-License-Identifier: Apache-2.0
// clock_gettime(2), /proc/sys/kernel/random/boot_id, gethostname(2).
#include "os/machine.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <ctime>

#include "os/file_descriptor.h"
#include "os/system_error.h"

namespace curfew {
namespace {

Millis ReadClock(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return Millis{(static_cast<std::int64_t>(now.tv_sec) * 1000) + (now.tv_nsec / 1000000)};
}

}  // namespace

Now ReadNow() { return Now{Instant{ReadClock(CLOCK_REALTIME)}, BootInstant{ReadClock(CLOCK_BOOTTIME)}}; }

Result<std::string> BootId() {
  constexpr const char* kPath = "/proc/sys/kernel/random/boot_id";
  const FileDescriptor file(::open(kPath, O_RDONLY | O_CLOEXEC));
  std::array<char, 36> id{};
  if (!file.IsOpen() || ::read(file.Get(), id.data(), id.size()) != static_cast<ssize_t>(id.size())) {
    return SystemFailure(errno, "cannot read the boot's id", kPath, "see that /proc is mounted");
  }
  return std::string(id.data(), id.size());
}

Result<std::string> MachineName() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return SystemFailure(errno, "cannot read the host's name", "gethostname");
  return std::string(name.data());
}

}  // namespace curfew
