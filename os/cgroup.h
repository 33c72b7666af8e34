// SPDX-License-Identifier: Apache-2.0
// Control groups, version 2 (Documentation/admin-guide/cgroup-v2.rst): what lives in one, ending it whole, freezing it.
// Paths are relative to the mount, as in /proc/PID/cgroup without the first slash. MUST: kNotFound is the kernel's word that
// a group is gone; a group that may not be looked at is there.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "core/result.h"
#include "core/time.h"

namespace curfew {

struct CgroupEvents {
  bool populated = false;
  bool frozen = false;
};

class CgroupTree {
 public:
  /// The mount of cgroup2, wherever it is (a hybrid host has it below /sys/fs/cgroup/unified).
  [[nodiscard]] static Result<CgroupTree> Find();

  /// False only when it is gone.
  [[nodiscard]] bool Exists(const std::string& group) const;
  /// cgroup.events; kNotFound when the group is gone.
  [[nodiscard]] Result<CgroupEvents> Events(const std::string& group) const;
  /// All processes of the group and of those below it; an error when there may be more than it could see.
  [[nodiscard]] Result<std::vector<pid_t>> Processes(const std::string& group) const;
  /// SIGKILL to everything in it and below, frozen or forking.
  [[nodiscard]] Result<void> Kill(const std::string& group) const;
  [[nodiscard]] Result<void> SetFrozen(const std::string& group, bool frozen) const;
  /// Waits until all of it stands still; false when it did not within `limit`. For threads that may block.
  [[nodiscard]] bool AwaitFrozen(const std::string& group, Millis limit) const;
  [[nodiscard]] std::string EventsPath(const std::string& group) const { return mount_ + "/" + group + "/cgroup.events"; }
  /// Names of the groups directly below that end in `suffix`; none when the group is gone.
  [[nodiscard]] Result<std::vector<std::string>> Children(const std::string& group, const std::string& suffix) const;

 private:
  explicit CgroupTree(std::string mount) : mount_(std::move(mount)) {}
  [[nodiscard]] Result<void> Write(const std::string& group, const char* file, const char* value) const;
  [[nodiscard]] Result<void> Collect(const std::string& path, std::vector<pid_t>& processes) const;
  std::string mount_;
};

}  // namespace curfew
