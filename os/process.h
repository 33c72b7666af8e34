// SPDX-License-Identifier: Apache-2.0
// Processes as /proc shows them, and signals that cannot hit a later process of the same number.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"

namespace curfew {

inline constexpr std::uint32_t kNoAuditSession = 0xffffffffU;

struct ProcessFacts {
  pid_t pid = 0;
  pid_t parent = 0;
  std::uint64_t started = 0;          ///< clock ticks after boot: with the pid, one process for ever
  std::uint32_t terminal = 0;         ///< device number, 0 = none
  uid_t real = 0;
  uid_t effective = 0;
  std::uint32_t audit_session = kNoAuditSession;
  std::string command;                ///< as the process calls itself: to be shown, never trusted
};

/// kNotFound when the process is gone.
[[nodiscard]] Result<ProcessFacts> ReadProcess(pid_t pid);
/// The audit session alone: cheaper than all the facts.
[[nodiscard]] std::uint32_t AuditSessionOf(pid_t pid);
/// Path in cgroup2 without the first slash; kNotFound when the process is gone.
[[nodiscard]] Result<std::string> CgroupOf(pid_t pid);
/// Every process there is.
[[nodiscard]] std::vector<pid_t> AllProcesses();
/// SIGKILL to that very process: true when it was sent, false when it is not there any more.
[[nodiscard]] Result<bool> KillProcess(const ProcessFacts& process);

}  // namespace curfew
