// SPDX-License-Identifier: Apache-2.0
// `curfew-agent status`: what the enforcer says, as the JSON of INTERFACES or as lines for people.
#pragma once

#include <string>

#include "agent/tool/enforcer_wire.h"

namespace curfew {

[[nodiscard]] std::string StatusJson(const HostStatus& status);
[[nodiscard]] std::string StatusTable(const HostStatus& status);

}  // namespace curfew
