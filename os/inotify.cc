// SPDX-License-Identifier: Apache-2.0
// inotify_init1(2), bounded reads of whole records.
#include "os/inotify.h"

#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "os/system_error.h"

namespace curfew {
namespace {

constexpr std::uint32_t kNames = IN_CREATE | IN_DELETE | IN_MOVE | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;

}  // namespace

Result<Inotify> Inotify::Create() {
  FileDescriptor queue(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  if (!queue.IsOpen()) {
    return SystemFailure(errno, "cannot watch files", "inotify_init1", "raise fs.inotify.max_user_instances");
  }
  return Inotify(std::move(queue));
}

Result<int> Inotify::Watch(const std::string& path, std::uint32_t mask) {
  const int watch = ::inotify_add_watch(queue_.Get(), path.c_str(), mask | IN_DONT_FOLLOW);
  if (watch < 0) return SystemFailure(errno, "cannot watch", path);
  return watch;
}

Result<int> Inotify::WatchDirectory(const std::string& path) { return Watch(path, kNames | IN_CLOSE_WRITE); }

Result<int> Inotify::WatchNames(const std::string& path) { return Watch(path, kNames); }

Result<int> Inotify::WatchFile(const std::string& path) { return Watch(path, IN_MODIFY | IN_DELETE_SELF); }

void Inotify::Forget(int watch) { ::inotify_rm_watch(queue_.Get(), watch); }

std::vector<FileChange> Inotify::Take() {
  std::vector<FileChange> changes;
  alignas(inotify_event) std::array<char, 8192> buffer{};
  for (;;) {
    const ssize_t got = ::read(queue_.Get(), buffer.data(), buffer.size());
    if (got <= 0) return changes;
    for (std::size_t at = 0; at + sizeof(inotify_event) <= static_cast<std::size_t>(got);) {
      inotify_event event{};
      std::memcpy(&event, buffer.data() + at, sizeof event);
      const char* name = buffer.data() + at + sizeof event;
      changes.push_back(FileChange{event.wd, (event.mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED)) != 0,
                                   (event.mask & IN_Q_OVERFLOW) != 0,
                                   event.len == 0 ? std::string() : std::string(name, ::strnlen(name, event.len))});
      at += sizeof event + event.len;
    }
  }
}

}  // namespace curfew
