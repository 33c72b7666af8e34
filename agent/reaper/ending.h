// SPDX-License-Identifier: Apache-2.0
// Ends what is left of sessions that are past their deadline: a control group whole where it is the account's own, else
// process by process, for all of them in one walk.
#pragma once

#include <functional>
#include <vector>

#include "agent/reaper/past.h"

namespace curfew {

/// Takes each session out of `past` of which nothing is left that should end, also where there was nothing, and calls `fewer`
/// whenever it took some: whoever is stopped half-way must not begin anew. What cannot be looked at, and what may be the
/// session's, is left.
void EndSessions(int root, std::vector<Session>& past, const std::function<void()>& fewer);

}  // namespace curfew
