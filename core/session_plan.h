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

/// May what was opened under `own` go on under `live`? A login belongs to its person; what sudo may do belongs to the account.
[[nodiscard]] bool Serves(const Grant& live, SessionKind kind, const Grant& own);

/// The grant under which what opens now is booked, of those that may have let it in; nullptr of none. PAM knows neither sudo's
/// command nor, without a key, the person. So it MUST outlast none of them but by a grant that serves for that one too: it is
/// the one that ends last among those that serve for each that ends before.
[[nodiscard]] const Grant* LastsUnder(const std::vector<const Grant*>& fitting, SessionKind kind);

[[nodiscard]] SessionSteps PlanSessions(const Desired& desired, const Actual& actual, const Assured& assured);

/// The lines that stand for accounts as long as they have a live grant (IsAccountLine), with the last of their ends: the
/// reaper ends by them what no session's own line names.
[[nodiscard]] std::vector<Session> AccountLines(const Desired& desired);

}  // namespace curfew
