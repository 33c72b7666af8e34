// SPDX-License-Identifier: Apache-2.0
// Removed and not replaced at once: a directory or a link in its place is no file to be replaced.
#include "agent/enforcer/turn/put_file.h"

#include "agent/enforcer/host/ground.h"

namespace curfew {

Result<void> PutFile(const Directory& folder, const std::string& name, bool foreign, const std::string& text, mode_t mode,
                     Durable durable) {
  if (foreign) {
    if (auto gone = folder.Remove(name, AsideName()); !gone) return gone;
  }
  return folder.Replace(name, text, mode, durable);
}

}  // namespace curfew
