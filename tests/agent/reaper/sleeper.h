// SPDX-License-Identifier: Apache-2.0
// A process that waits for its end; its uids are what was asked for before the constructor returns.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

namespace curfew {

class Sleeper {
 public:
  static constexpr unsigned kNoLogin = 0xffffffff;

  /// With a login it is the child of one that carries that login, as cron's own child does.
  Sleeper(unsigned real, unsigned effective, unsigned login = kNoLogin);
  /// Somebody whom a daemon lets in: the daemon is root's, called `daemon`, and carries no login.
  Sleeper(const std::string& daemon, unsigned login);
  ~Sleeper();
  Sleeper(const Sleeper&) = delete;
  Sleeper& operator=(const Sleeper&) = delete;

  /// True when it is dead by now; the reaper waits for the deaths that it causes.
  bool WasKilled() const;
  pid_t Pid() const { return pid_; }
  pid_t Parent() const { return child_; }
  /// In clock ticks after boot.
  std::uint64_t Started() const { return StartOf(pid_); }
  std::uint64_t ParentStarted() const { return StartOf(child_); }

 private:
  static std::uint64_t StartOf(pid_t pid);
  void Await(const int (&ready)[2]);
  pid_t child_ = -1;
  pid_t pid_ = -1;
};

}  // namespace curfew
