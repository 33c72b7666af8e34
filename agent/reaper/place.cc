// SPDX-License-Identifier: Apache-2.0
// See place.h. Everything is *at() a descriptor whose status was looked at, so that a path swapped meanwhile changes nothing.
#include "agent/reaper/place.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

namespace curfew {

namespace {

constexpr const char* kTemporary = ".new.reaper";

bool OnlyRootWrites(const struct stat& status) { return status.st_uid == 0 && (status.st_mode & (S_IWGRP | S_IWOTH)) == 0; }

std::optional<std::string> ReadAll(const Descriptor& file) {
  std::string text;
  char chunk[65536];
  for (;;) {
    const ssize_t got = read(file.Get(), chunk, sizeof chunk);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::nullopt;
    if (got == 0) return text;
    text.append(chunk, static_cast<std::size_t>(got));
    if (text.size() > kMostRead) return std::nullopt;
  }
}

bool WriteAll(const Descriptor& file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t put = write(file.Get(), text.data(), text.size());
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(put));
  }
  return true;
}

bool WriteTemporary(const Descriptor& directory, std::string_view text, unsigned mode) {
  unlinkat(directory.Get(), kTemporary, 0);
  const Descriptor file(openat(directory.Get(), kTemporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0400));
  struct stat status {};
  return file && fchmod(file.Get(), mode) == 0 && fstat(file.Get(), &status) == 0 && (status.st_mode & 07777) == mode &&
         WriteAll(file, text);
}

}  // namespace

Descriptor::~Descriptor() {
  if (fd_ >= 0) close(fd_);
}

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

Descriptor OpenPlace(int root, std::string_view path) {
  Descriptor at(fcntl(root, F_DUPFD_CLOEXEC, 0));
  while (at && !path.empty()) {
    const std::string part(path.substr(0, path.find('/')));
    path.remove_prefix(std::min(path.size(), part.size() + 1));
    at = Descriptor(openat(at.Get(), part.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    struct stat status {};
    if (at && (fstat(at.Get(), &status) != 0 || !OnlyRootWrites(status))) {
      at = Descriptor();
      errno = EPERM;
    }
  }
  return at;
}

std::vector<std::string> NamesIn(const Descriptor& directory) {
  std::vector<std::string> names;
  std::error_code ignored;
  // The descriptor and not its path, which may lead elsewhere by now.
  const std::filesystem::directory_iterator entries("/proc/self/fd/" + std::to_string(directory.Get()), ignored);
  for (const auto& entry : entries) names.push_back(entry.path().filename());
  return names;
}

std::optional<std::string> ReadFile(const Descriptor& directory, const std::string& name) {
  const Descriptor file(openat(directory.Get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!file && errno == ENOENT) return std::nullopt;
  struct stat status {};
  const bool trusted = file && fstat(file.Get(), &status) == 0 && S_ISREG(status.st_mode) && OnlyRootWrites(status) &&
                       static_cast<std::size_t>(status.st_size) <= kMostRead;
  auto text = trusted ? ReadAll(file) : std::nullopt;
  errno = EPERM;
  return text;
}

bool ReplaceFile(const Descriptor& directory, const std::string& name, const std::string& read, const std::string& text,
                 unsigned mode) {
  return WriteTemporary(directory, text, mode) && ReadFile(directory, name) == read &&
         renameat(directory.Get(), kTemporary, directory.Get(), name.c_str()) == 0 && ReadFile(directory, name) == text;
}

}  // namespace curfew
