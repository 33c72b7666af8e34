// SPDX-License-Identifier: Apache-2.0
// What an agent says of its host when it connects: for people to look at, MUST NOT be trusted for a decision.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace curfew {

struct AgentFacts {
  std::uint32_t format = 0;      ///< newest bundle format that it reads
  std::string agent_version;
  std::uint64_t epoch = 0;       ///< of the bundle in force there
  std::uint64_t version = 0;
  std::uint64_t roles_version = 0;
  std::string sudo;
  std::string sshd;
  std::vector<std::string> layers;
};

}  // namespace curfew
