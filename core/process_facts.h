// SPDX-License-Identifier: Apache-2.0
// A process as the kernel shows it, as a value. Shared with the reaper: MUST need nothing but the language.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

namespace curfew {

/// pid_t; uids are uid_t, 32 bits.
using Pid = std::int32_t;

inline constexpr std::uint32_t kNoAuditSession = 0xffffffffU;
inline constexpr std::uint32_t kNoLogin = 0xffffffffU;

struct ProcessFacts {
  Pid pid = 0;
  Pid parent = 0;
  std::uint64_t started = 0;          ///< clock ticks after boot
  std::uint32_t terminal = 0;         ///< device number, 0 = none
  std::uint32_t real = 0;
  std::uint32_t effective = 0;
  std::uint32_t saved = 0;
  std::uint32_t filesystem = 0;
  std::uint32_t login = kNoLogin;         ///< who logged in (pam_loginuid): kept across setuid, fork and any change of parent or group
  bool nested = false;                ///< in a process namespace below ours: a container's
  std::uint32_t audit_session = kNoAuditSession;
  std::string command;                ///< as the process calls itself: to be shown, never trusted
};

/// Pid and start: one process for ever.
using ProcessId = std::pair<Pid, std::uint64_t>;
[[nodiscard]] inline ProcessId IdOf(const ProcessFacts& process) { return {process.pid, process.started}; }

/// True when any of its four uids is `uid`.
[[nodiscard]] inline bool RunsAs(const ProcessFacts& process, std::uint32_t uid) {
  return process.real == uid || process.effective == uid || process.saved == uid || process.filesystem == uid;
}
/// True when all of them are.
[[nodiscard]] inline bool RunsOnlyAs(const ProcessFacts& process, std::uint32_t uid) {
  return process.real == uid && process.effective == uid && process.saved == uid && process.filesystem == uid;
}

}  // namespace curfew
