// SPDX-License-Identifier: Apache-2.0
// The state after one action: what the laws of Plan apply.
#pragma once

#include "core/plan.h"

namespace curfew::test {

void ApplyTo(const Action& action, Actual& actual, Assured& assured);

}  // namespace curfew::test
