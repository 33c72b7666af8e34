// SPDX-License-Identifier: Apache-2.0
// Processes as /proc shows them, and signals that cannot hit a later process of the same number.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "core/process_facts.h"
#include "core/result.h"
#include "core/time.h"

namespace curfew {

/// kNotFound when the process is gone; one that is dead and waits for its parent is gone.
[[nodiscard]] Result<ProcessFacts> ReadProcess(pid_t pid);
/// Its start as in ProcessFacts, also of one that is dead and waits for its parent.
[[nodiscard]] Result<std::uint64_t> StartOf(pid_t pid);
/// The audit session alone: cheaper than all the facts.
[[nodiscard]] std::uint32_t AuditSessionOf(pid_t pid);
/// The login alone; kNoLogin for what nobody logged in for, and where the kernel keeps no such record.
[[nodiscard]] uid_t LoginOf(pid_t pid);
/// False where the kernel keeps no such record (it is built without audit).
[[nodiscard]] bool KeepsLogins();
/// Path in cgroup2 without the first slash; kNotFound when the process is gone.
[[nodiscard]] Result<std::string> CgroupOf(pid_t pid);
/// Every process there is; an error where /proc hides other people's (hidepid), for nothing could then be said of what is not there.
[[nodiscard]] Result<std::vector<pid_t>> AllProcesses();
/// kRefused where it does.
[[nodiscard]] Result<void> SeesAllProcesses();
/// SIGKILL to that very process: true when it was sent, false when it is not there any more.
[[nodiscard]] Result<bool> KillProcess(const ProcessFacts& process);
/// Waits until that very process is gone; false when it is not within `limit`. For threads that may block.
[[nodiscard]] bool AwaitEnd(const ProcessFacts& process, Millis limit);

}  // namespace curfew
