// SPDX-License-Identifier: Apache-2.0
// A process that waits for its end; its uids are what was asked for before the constructor returns.
#pragma once

#include <sys/types.h>

#include <cstdint>

namespace curfew {

class Sleeper {
 public:
  static constexpr unsigned kNoLogin = 0xffffffff;

  /// With a login it is the child of one that carries that login, as cron's own child does.
  Sleeper(unsigned real, unsigned effective, unsigned login = kNoLogin);
  ~Sleeper();
  Sleeper(const Sleeper&) = delete;
  Sleeper& operator=(const Sleeper&) = delete;

  /// True when it is dead by now; the reaper waits for the deaths that it causes.
  bool WasKilled() const;
  pid_t Pid() const { return pid_; }
  /// In clock ticks after boot.
  std::uint64_t Started() const;

 private:
  pid_t child_ = -1;
  pid_t pid_ = -1;
};

}  // namespace curfew
