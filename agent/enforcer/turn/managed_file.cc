// SPDX-License-Identifier: Apache-2.0
// The task holds copies: it may outlive the loop's turn.
#include "agent/enforcer/turn/managed_file.h"

#include "agent/enforcer/turn/put_file.h"
#include "core/host_files.h"

namespace curfew {

void ManagedFile::Write(const std::vector<Gated>& managed, bool foreign, Done done) {
  writing_ = true;
  last_ = managed;
  disk_.Ask(
      [ground = ground_, text = RenderManaged(managed), foreign]() -> Result<void> {
        const auto folder = ground.OpenDurable();
        if (!folder) return Failure(folder.error());
        return GuardFile(*folder, OurFile{kManagedFile, text, 0644, foreign});
      },
      [this, done = std::move(done)](const Result<void>& wrote) {
        writing_ = false;
        done(wrote);
      });
}

}  // namespace curfew
