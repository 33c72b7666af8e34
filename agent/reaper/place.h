// SPDX-License-Identifier: Apache-2.0
// Files and directories of root's alone, reached component by component, following nothing. MUST: a directory on the way
// that somebody else owns or can write is not entered; a file in it that is not a plain file of root's is not read.
#pragma once

#include <dirent.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace curfew {

/// An open descriptor, closed at its end; -1 holds none.
class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  ~Descriptor();
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept;
  [[nodiscard]] int Get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_;
};

/// `path` below the directory `root`. Empty, with errno set (ENOENT: not there), where a part is missing or not to be trusted.
Descriptor OpenPlace(int root, std::string_view path);

/// The names in a directory but "." and "..", at most 100 000.
std::vector<std::string> NamesIn(const Descriptor& directory);

/// What a trusted file said, and which file it was, so that it is replaced only while it is still that one.
struct Content {
  std::string text;
  unsigned long inode = 0;
  long changed_s = 0;
  long changed_ns = 0;
  bool operator==(const Content&) const = default;
};

/// Empty with errno set; EPERM for an object that is not a plain file of root's of at most 16 MiB.
std::optional<Content> ReadFile(const Descriptor& directory, const std::string& name);

enum class Replaced { kYes, kChangedMeanwhile, kFailed };

/// Puts `text` in the place of what was read: temporary name, mode, rename, read back.
Replaced ReplaceFile(const Descriptor& directory, const std::string& name, const Content& read, const std::string& text,
                     unsigned mode);

}  // namespace curfew
