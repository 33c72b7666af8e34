// SPDX-License-Identifier: Apache-2.0
// flock(2) on a file that stays. flock has no time limit of its own, so the lock is tried again and again.
#include "os/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <thread>

#include "os/system_error.h"

namespace curfew {
namespace {

constexpr Millis kPause{50};

}  // namespace

Result<FileDescriptor> LockFile(const std::string& path, Millis patience) {
  FileDescriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY, 0600));
  if (!file.IsOpen()) return SystemFailure(errno, "cannot open the lock", path);
  for (Millis waited{0}; ::flock(file.Get(), LOCK_EX | LOCK_NB) != 0; waited += kPause) {
    if (errno != EWOULDBLOCK && errno != EINTR) return SystemFailure(errno, "cannot take the lock", path);
    if (waited >= patience) return Fail(Errc::kConflict, "another process holds the lock", path);
    std::this_thread::sleep_for(kPause);
  }
  return file;
}

}  // namespace curfew
