// SPDX-License-Identifier: Apache-2.0
// Missing is no finding: tmpfs is empty after a boot.
#include "agent/enforcer/host/ground.h"

#include "os/machine.h"

namespace curfew {

std::string AsideName() { return ".aside." + std::to_string(ReadNow().boot.time_since_epoch().count()); }

Result<Directory> Ground::OpenChild(const std::string& parent, const std::string& name,
                                    std::vector<Finding>& findings) const {
  const std::string path = parent + "/" + name;
  auto found = Directory::Open(path);
  if (found && found->Mode() == 0755) return found;
  auto above = Directory::Open(parent);
  if (!above) return Failure(above.error());
  auto made = above->MakeChild(name, 0755);
  if (!made) {
    if (auto moved = above->Remove(name, AsideName()); !moved) return Failure(moved.error());
    made = above->MakeChild(name, 0755);
  }
  if (!made) return Failure(made.error());
  const bool was_missing = !found && found.error().code == Errc::kNotFound && found.error().where == path;
  if (!was_missing) findings.push_back(Finding{path, found ? "had another mode than 0755" : found.error().what});
  return Directory::Open(path);
}

Result<Directory> Ground::OpenRun(std::vector<Finding>& findings) const {
  return OpenChild(paths_.RunParent(), kRunName, findings);
}

Result<Directory> Ground::Open(const std::string& folder, std::vector<Finding>& findings) const {
  if (auto run = OpenRun(findings); !run) return run;
  return OpenChild(paths_.Run(), folder, findings);
}

}  // namespace curfew
