// SPDX-License-Identifier: Apache-2.0
// The controller's own lines of the audit log: numbered without a gap, each holding the hash of the one before. MUST be
// written in the transaction of what they record. (A host's lines come sealed, with the host's own chain.)
#pragma once

#include <string>

#include "controller/store/store.h"

namespace curfew {

/// Kinds of the controller's own steps that are neither a host's nor a request's (those are in core).
inline constexpr const char* kStepPolicyLoaded = "policy-loaded";
inline constexpr const char* kStepPersonChanged = "person-changed";
inline constexpr const char* kStepTokenChanged = "token-changed";
inline constexpr const char* kStepKeyChanged = "key-changed";
inline constexpr const char* kStepHostRemoved = "host-removed";

/// The hash that the next line holds: SHA-256 over every field, each with its length.
[[nodiscard]] ContentHash HashOwnEvent(const EventRecord& event);

/// Appends `event` as the controller's next line; seq, previous and hash are filled in, texts made fit to print.
void AppendOwnEvent(Store& store, EventRecord event);

}  // namespace curfew
