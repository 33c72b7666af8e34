// SPDX-License-Identifier: Apache-2.0
// A file of ours put in its place. What is there and not ours is taken away first, by name: what it points to is never touched.
// MUST: what gives is written with a licence; what takes away needs nothing, not even room; what guards is never without a file.
#pragma once

#include <string>

#include "agent/enforcer/state/journal.h"
#include "os/directory.h"

namespace curfew {

/// A file's name, its text, and whether what stands there is somebody else's.
struct OurFile {
  std::string name;
  std::string text;
  mode_t mode = 0;
  bool foreign = false;
};

[[nodiscard]] Result<void> GiveFile(Licence licence, const Directory& folder, const OurFile& file);
/// A full or failing file system gets the file unlinked, and what stays is written after.
[[nodiscard]] Result<void> TakeFile(const Directory& folder, const OurFile& file);
/// It outlives a power cut.
[[nodiscard]] Result<void> GuardFile(const Directory& folder, const OurFile& file);

}  // namespace curfew
