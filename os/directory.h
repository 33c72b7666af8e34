// SPDX-License-Identifier: Apache-2.0
// Files below an opened directory. MUST: follow no symbolic link in any component, wait for no FIFO, read what fstat of
// the very descriptor vouches for, and replace by a complete file beside the old one, never in place.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "os/file_descriptor.h"

namespace curfew {

enum class Durable { kNo, kYes };

/// A file read through one descriptor, with what fstat said of it.
struct FileText {
  std::string text;
  uid_t owner = 0;
  mode_t mode = 0;  ///< permission bits only
  nlink_t links = 0;
};

enum class EntryType { kFile, kDirectory, kLink, kOther };

struct Entry {
  std::string name;
  EntryType type = EntryType::kOther;
};

class Directory {
 public:
  /// Every component from the root on must be a directory of root's that nobody else can write; kRefused names the one
  /// that is not, kNotFound the one that is missing.
  [[nodiscard]] static Result<Directory> Open(const std::string& path);

  [[nodiscard]] const std::string& Path() const { return path_; }
  /// Its permission bits when it was opened.
  [[nodiscard]] mode_t Mode() const { return mode_; }

  /// A regular file of at most `most` bytes; nothing when the name is free; kRefused for a link, FIFO, directory.
  [[nodiscard]] Result<std::optional<FileText>> Read(const std::string& name, std::size_t most) const;
  /// Writes `name` whole with exactly these permission bits, and reads it back before it takes the name.
  [[nodiscard]] Result<void> Replace(const std::string& name, std::string_view text, mode_t mode, Durable durable) const;
  /// Writes `name` anew, read back likewise, but not in one step: for a text that nobody obeys yet.
  [[nodiscard]] Result<void> Write(const std::string& name, std::string_view text, mode_t mode, Durable durable) const;
  /// `from` takes the name `to`, durably: what it replaces or itself is there after any power cut, never neither.
  [[nodiscard]] Result<void> Rename(const std::string& from, const std::string& to) const;
  /// Takes away whatever has the name, never what it points to. A directory that is not empty is moved to `set_aside`
  /// beside it. Fine when nothing is there.
  [[nodiscard]] Result<void> Remove(const std::string& name, const std::string& set_aside) const;
  /// The entries, at most `most`; kOutOfRange when there are more.
  [[nodiscard]] Result<std::vector<Entry>> List(std::size_t most) const;
  /// Makes the child directory, or puts its mode right; kRefused when something that is not root's has the name.
  [[nodiscard]] Result<void> MakeChild(const std::string& name, mode_t mode) const;

 private:
  Directory(FileDescriptor directory, std::string path, mode_t mode)
      : directory_(std::move(directory)), path_(std::move(path)), mode_(mode) {}
  [[nodiscard]] std::string PathOf(const std::string& name) const { return path_ + "/" + name; }
  FileDescriptor directory_;
  std::string path_;
  mode_t mode_;
};

/// Reads a whole file by path through Directory; kNotFound when it is missing, kRefused when others can write it.
[[nodiscard]] Result<std::string> ReadTrustedFile(const std::string& path, std::size_t most);

}  // namespace curfew
