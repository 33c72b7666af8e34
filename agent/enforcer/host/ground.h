// SPDX-License-Identifier: Apache-2.0
// The directories that other programs read our files from. Opened anew each time: one that was swapped is found, moved
// out of the way without being followed, and made again.
#pragma once

#include <string>
#include <vector>

#include "agent/enforcer/state/finding.h"
#include "agent/paths.h"
#include "os/directory.h"

namespace curfew {

class Ground {
 public:
  explicit Ground(Paths paths) : paths_(std::move(paths)) {}

  /// /run/curfew itself.
  [[nodiscard]] Result<Directory> OpenRun(std::vector<Finding>& findings) const;
  /// A folder below it, root's, 0755: readers come as other users. What had to be put right is added to `findings`.
  [[nodiscard]] Result<Directory> Open(const std::string& folder, std::vector<Finding>& findings) const;
  [[nodiscard]] const Paths& Where() const { return paths_; }
  [[nodiscard]] Result<Directory> OpenDurable() const { return Directory::Open(paths_.Durable()); }

 private:
  [[nodiscard]] Result<Directory> OpenChild(const std::string& parent, const std::string& name,
                                            std::vector<Finding>& findings) const;
  Paths paths_;
};

/// The name under which a directory that stands in the way is kept for an administrator to look at.
[[nodiscard]] std::string AsideName();

}  // namespace curfew
