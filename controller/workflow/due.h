// SPDX-License-Identifier: Apache-2.0
// What time alone does to requests and grants. There is one question, what is due, and it is in the store: a restart
// goes on where the last turn ended.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "controller/workflow/change.h"

namespace curfew {

/// A request that lapses, a grant that ends, fails or is not proved, a removed host that is let go.
using DueThing = std::variant<RequestId, GrantId, HostId>;

[[nodiscard]] std::vector<DueThing> WhatIsDue(Store& store, Instant now);

void DoDue(Change& change, const DueThing& thing);

/// It could not be done, for a value that cannot be read: an alarm, and tried again in an hour.
void PutOff(Change& change, const DueThing& thing, const std::string& why);

}  // namespace curfew
