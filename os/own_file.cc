// SPDX-License-Identifier: Apache-2.0
// open(2), fstat(2), rename(2), setresuid(2) behind own_file.h.
#include "os/own_file.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <vector>

#include "os/file_descriptor.h"
#include "os/system_error.h"

namespace curfew {
namespace {

Result<std::string> ReadAll(int file, std::size_t most, const std::string& path) {
  std::string text;
  std::array<char, 4096> chunk{};
  while (true) {
    const ssize_t got = ::read(file, chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return SystemFailure(errno, "cannot read", path);
    if (got == 0) return text;
    text.append(chunk.data(), static_cast<std::size_t>(got));
    if (text.size() > most) return Fail(Errc::kOutOfRange, "larger than " + std::to_string(most) + " bytes", path);
  }
}

Result<std::string> ReadFile(const std::string& path, std::size_t most, bool secret) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY));
  if (!file.IsOpen()) return SystemFailure(errno, "cannot open", path);
  struct stat facts {};
  if (::fstat(file.Get(), &facts) != 0) return SystemFailure(errno, "cannot look at", path);
  if (!S_ISREG(facts.st_mode)) return Fail(Errc::kRefused, "not a regular file", path);
  if (secret && ((facts.st_mode & 077U) != 0 || (facts.st_uid != ::geteuid() && facts.st_uid != 0))) {
    return Fail(Errc::kRefused, "others could read or write this secret", path, "chmod 600 it and see whose it is");
  }
  return ReadAll(file.Get(), most, path);
}

Result<void> WriteAll(int file, std::string_view text, const std::string& path) {
  while (!text.empty()) {
    const ssize_t put = ::write(file, text.data(), text.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return SystemFailure(errno, "cannot write", path);
    text.remove_prefix(static_cast<std::size_t>(put));
  }
  return {};
}

Result<void> SyncDirectoryOf(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const FileDescriptor directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory.IsOpen() || ::fsync(directory.Get()) != 0) return SystemFailure(errno, "cannot sync", folder);
  return {};
}

}  // namespace

Result<std::string> ReadOwnFile(const std::string& path, std::size_t most) { return ReadFile(path, most, false); }
Result<std::string> ReadSecretFile(const std::string& path, std::size_t most) { return ReadFile(path, most, true); }
Result<std::string> ReadStandardInput(std::size_t most) { return ReadAll(STDIN_FILENO, most, "standard input"); }

Result<void> WriteOwnFile(const std::string& path, std::string_view text, mode_t mode) {
  const std::string beside = path + ".new";
  ::unlink(beside.c_str());
  const FileDescriptor file(::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file.IsOpen()) return SystemFailure(errno, "cannot make", beside);
  if (auto written = WriteAll(file.Get(), text, beside); !written) return written;
  if (::fchmod(file.Get(), mode) != 0) return SystemFailure(errno, "cannot set its mode", beside);
  if (::fsync(file.Get()) != 0) return SystemFailure(errno, "cannot sync", beside);
  if (::rename(beside.c_str(), path.c_str()) != 0) return SystemFailure(errno, "cannot take its place", path);
  return SyncDirectoryOf(path);
}

Result<void> MakeOwnDirectory(const std::string& path, mode_t mode) {
  if (::mkdir(path.c_str(), mode) != 0 && errno != EEXIST) return SystemFailure(errno, "cannot make the directory", path);
  const FileDescriptor directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
  if (!directory.IsOpen()) return SystemFailure(errno, "cannot open the directory", path);
  if (::fchmod(directory.Get(), mode) != 0) return SystemFailure(errno, "cannot set its mode", path);
  return {};
}

Result<void> BecomeOwnerOf(const std::string& directory) {
  if (::geteuid() != 0) return {};
  struct stat facts {};
  if (::stat(directory.c_str(), &facts) != 0) return SystemFailure(errno, "cannot look at", directory);
  if (facts.st_uid == 0) return {};
  const gid_t group = facts.st_gid;
  if (::setgroups(1, &group) != 0 || ::setresgid(group, group, group) != 0 ||
      ::setresuid(facts.st_uid, facts.st_uid, facts.st_uid) != 0) {
    return SystemFailure(errno, "cannot become its owner", directory);
  }
  return {};
}

Result<void> GiveDirectoryTo(const std::string& path, const std::string& account) {
  struct passwd entry {};
  struct passwd* found = nullptr;
  std::vector<char> buffer(16384);
  if (::getpwnam_r(account.c_str(), &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr) {
    return Fail(Errc::kNotFound, "there is no account " + account, "user database");
  }
  const FileDescriptor directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
  if (!directory.IsOpen()) return SystemFailure(errno, "cannot open the directory", path);
  if (::fchown(directory.Get(), found->pw_uid, found->pw_gid) != 0) return SystemFailure(errno, "cannot give it to " + account, path);
  return {};
}

}  // namespace curfew
