// SPDX-License-Identifier: Apache-2.0
// A person's ssh keys, handed in and taken back. A key that is taken back is in no grant made from then on; a grant
// that is live already keeps it, is named, and ends when the person says so.
#pragma once

#include <string>
#include <vector>

#include "controller/workflow/change.h"

namespace curfew {

/// kUnusable for another person's: one that they have on their list, or that a grant of theirs was made with.
[[nodiscard]] Outcome<KeyRecord> AddKey(Change& change, KeyRecord key);

struct RemovedKey {
  std::vector<RequestId> requests;  ///< with live grants that let the key in, or did until now
  bool ended = false;
};

/// kNotFound unless it is this person's.
[[nodiscard]] Outcome<RemovedKey> RemoveKey(Change& change, const PersonName& person, const std::string& id,
                                            bool end_grants);

}  // namespace curfew
