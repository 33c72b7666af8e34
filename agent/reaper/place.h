// SPDX-License-Identifier: Apache-2.0
// Files and directories of root's alone, reached component by component, following nothing. MUST: a directory on the way
// that somebody else owns or can write is not entered; a file in it that is not a plain file of root's is not read.
#pragma once

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

/// The names in a directory but "." and "..".
std::vector<std::string> NamesIn(const Descriptor& directory);

/// The longest file that is read. MUST be as long as the longest that the enforcer writes: what is not read is removed.
inline constexpr std::size_t kMostRead = std::size_t{96} << 20U;

/// Empty with errno set; EPERM for an object that is not a plain file of root's of at most kMostRead bytes.
std::optional<std::string> ReadFile(const Descriptor& directory, const std::string& name);

/// Puts `text` in the place of `read` while the file still says that: temporary name, mode, rename, read back.
bool ReplaceFile(const Descriptor& directory, const std::string& name, const std::string& read, const std::string& text,
                 unsigned mode);

}  // namespace curfew
