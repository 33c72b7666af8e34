// SPDX-License-Identifier: Apache-2.0
// A plan as readable texts, one an action, equal exactly when the actions are: what a failing test shows.
#pragma once

#include <string>
#include <vector>

#include "core/plan.h"

namespace curfew::test {

[[nodiscard]] std::vector<std::string> Texts(const std::vector<Action>& plan);

}  // namespace curfew::test
