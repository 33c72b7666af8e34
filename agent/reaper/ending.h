// SPDX-License-Identifier: Apache-2.0
// Ends what is left of a session that is past its deadline: its control group whole where that is its own, else process by
// process.
#pragma once

#include "agent/reaper/past.h"

namespace curfew {

/// True when nothing of the session that should end is left, also when there was nothing. What cannot be looked at is left.
bool EndSession(int root, const Session& session);

}  // namespace curfew
