// SPDX-License-Identifier: Apache-2.0
// `curfew-agent status`: what the enforcer says, as the JSON of INTERFACES or as lines for people.
#pragma once

#include <optional>
#include <string>

#include "agent/agent_file.h"
#include "agent/tool/enforcer_wire.h"

namespace curfew {

[[nodiscard]] std::string StatusJson(const HostStatus& status, const std::optional<AgentFile>& joined);
[[nodiscard]] std::string StatusTable(const HostStatus& status, const std::optional<AgentFile>& joined);

}  // namespace curfew
