// SPDX-License-Identifier: Apache-2.0
// openat(2) with O_EXCL and O_NOFOLLOW, fchown, renameat.
#include "agent/tool/link_folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "os/directory.h"
#include "os/system_error.h"

namespace curfew {
namespace {

constexpr mode_t kFolderMode = 0700;
constexpr mode_t kFileMode = 0600;

bool WriteAll(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t wrote = ::write(file, text.data(), text.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(wrote));
  }
  return true;
}

}  // namespace

Result<LinkFolder> LinkFolder::Open(const std::string& path, uid_t owner, gid_t group) {
  const std::size_t slash = path.rfind('/');
  const auto parent = Directory::Open(path.substr(0, slash));
  if (!parent) return Failure(parent.error());
  // Only root can write in the parent: the path cannot change under us.
  if (::mkdir(path.c_str(), kFolderMode) != 0 && errno != EEXIST) {
    return SystemFailure(errno, "cannot be made", path);
  }
  FileDescriptor folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!folder.IsOpen()) return SystemFailure(errno, "cannot be opened", path, "it must be a folder, not a link");
  if (::fchown(folder.Get(), owner, group) != 0 || ::fchmod(folder.Get(), kFolderMode) != 0) {
    return SystemFailure(errno, "cannot be given to user curfew", path);
  }
  return LinkFolder(std::move(folder), path, owner, group);
}

Result<void> LinkFolder::Replace(const std::string& name, std::string_view text) const {
  const std::string fresh = "." + name + ".new";
  const std::string where = path_ + "/" + name;
  if (::unlinkat(folder_.Get(), fresh.c_str(), 0) != 0 && errno != ENOENT) {
    return SystemFailure(errno, "an older try cannot be removed", where);
  }
  const FileDescriptor file(
      ::openat(folder_.Get(), fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, kFileMode));
  if (!file.IsOpen()) return SystemFailure(errno, "cannot be made", where);
  if (!WriteAll(file.Get(), text) || ::fchmod(file.Get(), kFileMode) != 0 ||
      ::fchown(file.Get(), owner_, group_) != 0 || ::fsync(file.Get()) != 0) {
    return SystemFailure(errno, "cannot be written", where);
  }
  if (::renameat(folder_.Get(), fresh.c_str(), folder_.Get(), name.c_str()) != 0 || ::fsync(folder_.Get()) != 0) {
    return SystemFailure(errno, "cannot take its place", where);
  }
  return {};
}

Result<void> LinkFolder::Remove(const std::string& name) const {
  if (::unlinkat(folder_.Get(), name.c_str(), 0) == 0 || errno == ENOENT) return {};
  return SystemFailure(errno, "cannot be removed", path_ + "/" + name);
}

}  // namespace curfew
