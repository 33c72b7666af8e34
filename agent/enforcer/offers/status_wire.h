// SPDX-License-Identifier: Apache-2.0
// The enforcer's answers on link.sock as bytes: the only file of it that knows proto/local.proto.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "agent/enforcer/state/in_force.h"
#include "core/verdict.h"

namespace curfew {

struct StatusFacts {
  const InForce& in_force;
  const Desired& desired;
  SpoolMark spool;
  bool written = true;  ///< the spool holds all that is to be told
  bool link = false;
  std::vector<std::string> alarms;
  std::string sudo;                 ///< "sudo 1.9.13p3"
  std::string sshd;                 ///< "OpenSSH_9.2p1"
  std::vector<std::string> layers;  ///< names of those that hold
};

[[nodiscard]] std::string EncodeStatus(const StatusFacts& facts);
[[nodiscard]] std::string EncodeVerdict(const std::optional<Deny>& deny);

}  // namespace curfew
