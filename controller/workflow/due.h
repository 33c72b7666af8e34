// SPDX-License-Identifier: Apache-2.0
// What time alone does to requests and grants. There is one question, what is due, and it is in the store: a restart
// goes on where the last turn ended.
#pragma once

#include "controller/workflow/change.h"

namespace curfew {

/// Does everything that is due by the change's moment; true when something was.
bool DoWhatIsDue(Change& change);

}  // namespace curfew
