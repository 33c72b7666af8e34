// SPDX-License-Identifier: Apache-2.0
// What becomes of open sessions: a part of Plan. A session MUST end unless a live grant serves it.
#pragma once

#include <vector>

#include "core/plan.h"

namespace curfew {

/// Ends and shorter deadlines come first in a plan, longer ones among its gifts.
struct SessionSteps {
  std::vector<Action> narrower;
  std::vector<Action> wider;
};

[[nodiscard]] SessionSteps PlanSessions(const Desired& desired, const Actual& actual, const Assured& assured);

/// The lines that stand for accounts as long as they have a live grant (IsAccountLine), with the last of their ends: the
/// reaper ends by them what no session's own line names.
[[nodiscard]] std::vector<Session> AccountLines(const Desired& desired);

}  // namespace curfew
