// SPDX-License-Identifier: Apache-2.0
// flock(2) on a file that stays.
#include "os/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>

#include "os/system_error.h"

namespace curfew {

Result<FileDescriptor> LockFile(const std::string& path) {
  FileDescriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY, 0600));
  if (!file.IsOpen()) return SystemFailure(errno, "cannot open the lock", path);
  if (::flock(file.Get(), LOCK_EX | LOCK_NB) == 0) return file;
  if (errno == EWOULDBLOCK) return Fail(Errc::kConflict, "another process holds the lock", path);
  return SystemFailure(errno, "cannot take the lock", path);
}

}  // namespace curfew
