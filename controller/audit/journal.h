// SPDX-License-Identifier: Apache-2.0
// The controller's own lines of the audit log: numbered without a gap, each holding the hash of the one before. MUST be
// written in the transaction of what they record. (A host's lines come sealed, with the host's own chain.)
#pragma once

#include <string>

#include "controller/store/store.h"

namespace curfew {

/// The hash that the next line holds: SHA-256 over every field, each with its length.
[[nodiscard]] ContentHash HashOwnEvent(const EventRecord& event);

/// Appends `event` as the controller's next line; seq, previous and hash are filled in, texts made fit to print.
void AppendOwnEvent(Store& store, EventRecord event);

}  // namespace curfew
