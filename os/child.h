// SPDX-License-Identifier: Apache-2.0
// A program run without a shell: fixed environment, no open descriptors, its output caught in memory, its end seen
// through a pidfd. Killed when it is dropped while still running.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "core/result.h"
#include "core/time.h"
#include "os/file_descriptor.h"

namespace curfew {

/// How a program ended.
struct ChildEnd {
  int status = -1;      ///< exit status; 128 + signal when a signal ended it
  bool timed_out = false;
  std::string output;   ///< standard output and error together, at most 256 KiB
};

class Child {
 public:
  /// `argv[0]` is an absolute path. The program starts at once; nothing waits for it.
  [[nodiscard]] static Result<Child> Start(const std::vector<std::string>& argv);
  Child(Child&& other) noexcept;
  Child& operator=(Child&&) = delete;
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child();

  /// Readable when the program has ended.
  [[nodiscard]] int Number() const { return pidfd_.Get(); }
  [[nodiscard]] pid_t Pid() const { return pid_; }
  void Kill() const;
  /// Reaps a program that has ended (blocks until it has).
  [[nodiscard]] ChildEnd Reap();
  /// Waits at most `limit`, then kills; for threads that may block.
  [[nodiscard]] ChildEnd Wait(Millis limit);

 private:
  Child(pid_t pid, FileDescriptor pidfd, FileDescriptor output)
      : pid_(pid), pidfd_(std::move(pidfd)), output_(std::move(output)) {}
  pid_t pid_ = -1;
  FileDescriptor pidfd_;
  FileDescriptor output_;
};

}  // namespace curfew
