// SPDX-License-Identifier: Apache-2.0
// What must be there before the enforcer can run: the lock, the durable state, the control groups, who we are.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "agent/enforcer/state/identity.h"
#include "agent/paths.h"
#include "agent/enforcer/state/state_file.h"
#include "core/names.h"
#include "os/cgroup.h"
#include "os/file_descriptor.h"

namespace curfew {

/// Why the state begins anew, and where the old one is.
struct Damage {
  Error why;
  std::string kept;
};

struct Footing {
  FileDescriptor lock;
  std::shared_ptr<StateFile> store;
  Remembered remembered;
  std::optional<Damage> damage;
  std::optional<Identity> identity;
  std::optional<Error> identity_error;
  std::optional<std::uint64_t> left_behind;  ///< events of another controller's state, which was here and waits for it
  CgroupTree tree;
  HostName host;
};

/// kConflict when another enforcer, or the reaper, holds the lock.
[[nodiscard]] Result<Footing> FindFooting(const Paths& paths);

}  // namespace curfew
