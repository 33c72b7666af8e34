// SPDX-License-Identifier: Apache-2.0
// Who sees how much of the record.
#pragma once

#include "cli/controller_api.h"

namespace curfew {

/// False for whoever is neither auditor nor owner: the controller shows them the events of their own requests alone.
[[nodiscard]] Answer<bool> SeesEveryEvent(ControllerApi& api);

}  // namespace curfew
