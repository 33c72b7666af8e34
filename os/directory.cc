// SPDX-License-Identifier: Apache-2.0
// openat(2) one component at a time. O_NONBLOCK so that a FIFO in a file's place cannot hang us.
#include "os/directory.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <memory>

#include "os/system_error.h"

namespace curfew {
namespace {

constexpr mode_t kPermissions = 07777;
// Starts with a dot: sudo skips it, and no account's file can have that name.
constexpr const char* kBeside = ".new.";

// The permission bits of a directory that is fit.
Result<mode_t> MustBeRoots(int number, const std::string& path) {
  struct stat facts {};
  if (::fstat(number, &facts) != 0) return SystemFailure(errno, "cannot look at the directory", path);
  if (facts.st_uid != 0) {
    return Fail(Errc::kRefused, "the directory belongs to uid " + std::to_string(facts.st_uid), path,
                "run: chown root " + path);
  }
  if ((facts.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return Fail(Errc::kRefused, "others than root can write to the directory", path, "run: chmod go-w " + path);
  }
  return facts.st_mode & kPermissions;
}

Result<void> WriteAll(int number, std::string_view text, const std::string& path) {
  while (!text.empty()) {
    const ssize_t wrote = ::write(number, text.data(), text.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) return SystemFailure(errno, "cannot write", path);
    text.remove_prefix(static_cast<std::size_t>(wrote));
  }
  return {};
}

Result<std::string> ReadAll(int number, std::size_t most, const std::string& path) {
  std::string text;
  std::size_t size = 0;
  for (;;) {
    text.resize(size + 8192);
    const ssize_t got = ::read(number, text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return SystemFailure(errno, "cannot read", path);
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
    if (size > most) return Fail(Errc::kOutOfRange, "larger than " + std::to_string(most) + " bytes", path);
  }
  text.resize(size);
  return text;
}

EntryType TypeOf(unsigned char type) {
  switch (type) {
    case DT_REG:
      return EntryType::kFile;
    case DT_DIR:
      return EntryType::kDirectory;
    case DT_LNK:
      return EntryType::kLink;
    default:
      return EntryType::kOther;
  }
}

struct CloseStream {
  void operator()(DIR* stream) const { ::closedir(stream); }
};

}  // namespace

Result<Directory> Directory::Open(const std::string& path) {
  constexpr int kFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK;
  FileDescriptor current(::open("/", kFlags));
  if (!current.IsOpen()) return SystemFailure(errno, "cannot open", "/");
  mode_t mode = 0;
  for (std::size_t at = 0; at < path.size();) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    if (end > at) {
      const std::string walked = path.substr(0, end);
      FileDescriptor next(::openat(current.Get(), path.substr(at, end - at).c_str(), kFlags));
      // A link gives ELOOP or ENOTDIR, depending on the flags the kernel looks at first.
      if (!next.IsOpen()) return SystemFailure(errno, "cannot open as a directory", walked);
      auto fit = MustBeRoots(next.Get(), walked);
      if (!fit) return Failure(fit.error());
      mode = *fit;
      current = std::move(next);
    }
    at = end + 1;
  }
  return Directory(std::move(current), path, mode);
}

Result<std::optional<FileText>> Directory::Read(const std::string& name, std::size_t most) const {
  const FileDescriptor file(::openat(directory_.Get(), name.c_str(),
                                     O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!file.IsOpen() && errno == ENOENT) return std::optional<FileText>();
  if (!file.IsOpen()) return SystemFailure(errno, "cannot open as a file", PathOf(name));
  struct stat facts {};
  if (::fstat(file.Get(), &facts) != 0) return SystemFailure(errno, "cannot look at the file", PathOf(name));
  if (!S_ISREG(facts.st_mode)) return Fail(Errc::kRefused, "is not a regular file", PathOf(name));
  auto text = ReadAll(file.Get(), most, PathOf(name));
  if (!text) return Failure(text.error());
  return FileText{std::move(*text), facts.st_uid, facts.st_mode & kPermissions, facts.st_nlink};
}

Result<void> Directory::Write(const std::string& name, std::string_view text, mode_t mode, Durable durable) const {
  if (::unlinkat(directory_.Get(), name.c_str(), 0) != 0 && errno != ENOENT) {
    return SystemFailure(errno, "cannot make room", PathOf(name));
  }
  const FileDescriptor file(::openat(directory_.Get(), name.c_str(),
                                     O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY, 0600));
  if (!file.IsOpen()) return SystemFailure(errno, "cannot make the file", PathOf(name));
  if (auto wrote = WriteAll(file.Get(), text, PathOf(name)); !wrote) return wrote;
  if (::fchmod(file.Get(), mode) != 0) return SystemFailure(errno, "cannot set the mode", PathOf(name));
  if (durable == Durable::kYes && ::fsync(file.Get()) != 0) {
    return SystemFailure(errno, "cannot make it durable", PathOf(name));
  }
  struct stat facts {};
  if (::fstat(file.Get(), &facts) != 0 || (facts.st_mode & kPermissions) != mode || facts.st_uid != 0) {
    return Fail(Errc::kSystem, "owner or mode did not become what was asked for", PathOf(name));
  }
  if (::lseek(file.Get(), 0, SEEK_SET) != 0) return SystemFailure(errno, "cannot read it back", PathOf(name));
  auto back = ReadAll(file.Get(), text.size(), PathOf(name));
  if (!back || *back != text) return Fail(Errc::kSystem, "what was written cannot be read back", PathOf(name));
  return {};
}

Result<void> Directory::Replace(const std::string& name, std::string_view text, mode_t mode, Durable durable) const {
  const std::string beside = kBeside + name;
  if (auto wrote = Write(beside, text, mode, durable); !wrote) return wrote;
  if (::renameat(directory_.Get(), beside.c_str(), directory_.Get(), name.c_str()) != 0) {
    return SystemFailure(errno, "cannot take the place of", PathOf(name));
  }
  if (durable == Durable::kYes && ::fsync(directory_.Get()) != 0) {
    return SystemFailure(errno, "cannot make it durable", path_);
  }
  return {};
}

Result<void> Directory::Rename(const std::string& from, const std::string& to) const {
  if (::renameat(directory_.Get(), from.c_str(), directory_.Get(), to.c_str()) != 0) {
    return SystemFailure(errno, "cannot take the place of", PathOf(to));
  }
  if (::fsync(directory_.Get()) != 0) return SystemFailure(errno, "cannot make it durable", path_);
  return {};
}

Result<void> Directory::Remove(const std::string& name, const std::string& set_aside) const {
  if (::unlinkat(directory_.Get(), name.c_str(), 0) == 0 || errno == ENOENT) return {};
  if (errno != EISDIR) return SystemFailure(errno, "cannot remove", PathOf(name));
  if (::unlinkat(directory_.Get(), name.c_str(), AT_REMOVEDIR) == 0) return {};
  if (::renameat(directory_.Get(), name.c_str(), directory_.Get(), set_aside.c_str()) != 0) {
    return SystemFailure(errno, "cannot move aside", PathOf(name));
  }
  return {};
}

Result<std::vector<Entry>> Directory::List(std::size_t most) const {
  FileDescriptor again(::openat(directory_.Get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!again.IsOpen()) return SystemFailure(errno, "cannot list", path_);
  const std::unique_ptr<DIR, CloseStream> stream(::fdopendir(again.Get()));
  if (!stream) return SystemFailure(errno, "cannot list", path_);
  static_cast<void>(again.Release());
  std::vector<Entry> entries;
  while (const dirent* entry = ::readdir(stream.get())) {  // NOLINT(concurrency-mt-unsafe): a stream of our own
    const std::string name = static_cast<const char*>(entry->d_name);
    if (name == "." || name == "..") continue;
    if (entries.size() == most) return Fail(Errc::kOutOfRange, "more than " + std::to_string(most) + " entries", path_);
    entries.push_back(Entry{name, TypeOf(entry->d_type)});
  }
  return entries;
}

Result<void> Directory::MakeChild(const std::string& name, mode_t mode) const {
  if (::mkdirat(directory_.Get(), name.c_str(), mode) != 0 && errno != EEXIST) {
    return SystemFailure(errno, "cannot make the directory", PathOf(name));
  }
  const FileDescriptor child(::openat(directory_.Get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!child.IsOpen()) return SystemFailure(errno, "cannot open as a directory", PathOf(name));
  struct stat facts {};
  if (::fstat(child.Get(), &facts) != 0) return SystemFailure(errno, "cannot look at the directory", PathOf(name));
  if (facts.st_uid != 0) return Fail(Errc::kRefused, "the directory is not root's", PathOf(name));
  if ((facts.st_mode & kPermissions) != mode && ::fchmod(child.Get(), mode) != 0) {
    return SystemFailure(errno, "cannot set the mode", PathOf(name));
  }
  return {};
}

Result<std::string> ReadTrustedFile(const std::string& path, std::size_t most) {
  const std::size_t slash = path.rfind('/');
  auto directory = Directory::Open(path.substr(0, slash));
  if (!directory) return Failure(directory.error());
  auto file = directory->Read(path.substr(slash + 1), most);
  if (!file) return Failure(file.error());
  if (!*file) return Fail(Errc::kNotFound, "does not exist", path);
  if ((*file)->owner != 0 || ((*file)->mode & (S_IWGRP | S_IWOTH)) != 0) {
    return Fail(Errc::kRefused, "others than root can write the file", path, "run: chown root " + path + " && chmod go-w " + path);
  }
  return std::move((*file)->text);
}

}  // namespace curfew
