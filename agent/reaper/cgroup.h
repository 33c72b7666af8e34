// SPDX-License-Identifier: Apache-2.0
// Ends what a session's cgroup holds: all of it, or only what runs as somebody else than the account.
#pragma once

#include "agent/reaper/past.h"

namespace curfew {

/// True when nothing of the session that should end is left, also when there was nothing.
bool EndSession(int root, const Session& session);

}  // namespace curfew
