// SPDX-License-Identifier: Apache-2.0
// inotify(7): which watched names changed. A hint only: whoever is woken looks for itself.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/result.h"
#include "os/file_descriptor.h"

namespace curfew {

struct FileChange {
  int watch = 0;
  bool gone = false;   ///< the watched thing itself is gone or moved: watch it anew
  bool lost = false;   ///< the queue overflowed: anything may have changed
  std::string name;    ///< the entry inside a watched directory, else empty
};

class Inotify {
 public:
  [[nodiscard]] static Result<Inotify> Create();

  /// Entries of a directory and the directory itself; never follows a link.
  [[nodiscard]] Result<int> WatchDirectory(const std::string& path);
  /// The same without what is written into its files: for a folder whose files others open all the time.
  [[nodiscard]] Result<int> WatchNames(const std::string& path);
  /// Changes of the content of one file.
  [[nodiscard]] Result<int> WatchFile(const std::string& path);
  void Forget(int watch);
  /// What happened since the last call; empty when nothing did.
  [[nodiscard]] std::vector<FileChange> Take();

  [[nodiscard]] int Number() const { return queue_.Get(); }

 private:
  explicit Inotify(FileDescriptor queue) : queue_(std::move(queue)) {}
  [[nodiscard]] Result<int> Watch(const std::string& path, std::uint32_t mask);
  FileDescriptor queue_;
};

}  // namespace curfew
