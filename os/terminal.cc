// SPDX-License-Identifier: Apache-2.0
// Device numbers of Documentation/admin-guide/devices.txt: 136-143 are pts/N, 4 is ttyN and ttySN.
#include "os/terminal.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "os/file_descriptor.h"
#include "os/system_error.h"

namespace curfew {
namespace {

// tty_nr of proc(5) is the kernel's own packing: minor in bits 31-20 and 7-0, major in 19-8.
std::uint32_t MajorOf(std::uint32_t device) { return (device >> 8U) & 0xfffU; }
std::uint32_t MinorOf(std::uint32_t device) { return (device & 0xffU) | ((device >> 12U) & 0xfff00U); }

std::string PathOf(std::uint32_t device) {
  const std::uint32_t major = MajorOf(device);
  const std::uint32_t minor = MinorOf(device);
  if (major >= 136 && major <= 143) return "/dev/pts/" + std::to_string(((major - 136) << 20U) + minor);
  if (major == 4 && minor < 64) return "/dev/tty" + std::to_string(minor);
  if (major == 4) return "/dev/ttyS" + std::to_string(minor - 64);
  return {};
}

}  // namespace

Result<void> TellTerminal(std::uint32_t device, std::string_view text) {
  const std::string path = PathOf(device);
  if (path.empty()) return Fail(Errc::kNotFound, "is no terminal that we know", "device " + std::to_string(device));
  const FileDescriptor terminal(::open(path.c_str(), O_WRONLY | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
  if (!terminal.IsOpen()) return SystemFailure(errno, "cannot open the terminal", path);
  struct stat facts {};
  if (::fstat(terminal.Get(), &facts) != 0 || !S_ISCHR(facts.st_mode) || major(facts.st_rdev) != MajorOf(device) ||
      minor(facts.st_rdev) != MinorOf(device)) {
    return Fail(Errc::kRefused, "is not the terminal it should be", path);
  }
  if (::write(terminal.Get(), text.data(), text.size()) < 0) return SystemFailure(errno, "cannot write to the terminal", path);
  return {};
}

}  // namespace curfew
