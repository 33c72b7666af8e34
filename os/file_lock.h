// SPDX-License-Identifier: Apache-2.0
// One holder of a lock file at a time (flock(2)); the kernel lets go when the holder dies.
#pragma once

#include <string>

#include "core/result.h"
#include "core/time.h"
#include "os/file_descriptor.h"

namespace curfew {

/// kConflict when another process still holds it after `patience`.
[[nodiscard]] Result<FileDescriptor> LockFile(const std::string& path, Millis patience);

}  // namespace curfew
