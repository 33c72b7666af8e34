// SPDX-License-Identifier: Apache-2.0
// What the end of a session means for each process: the one rule of enforcer and reaper, which only read /proc and act by it.
// Values only, and nothing but the language: it is the one file that the reaper shares.
#pragma once

#include <map>
#include <set>
#include <vector>

#include "core/process_facts.h"

namespace curfew {

enum class Fate {
  kLives,
  kUnclear,  ///< may be sudo's or somebody else's: to be listed, never ended
  kEnds,
};

/// A session that is over, and the control group it is looked for in.
struct Reach {
  std::uint32_t uid = 0;
  bool login = false;  ///< all that runs as the account ends; else only what sudo raised
  bool own = false;    ///< the group is the account's own: whatever is in it is the session's
  /// Not 0: sudo was asked for by what does not carry the account's login. What began at that clock tick or later, carries no
  /// login, runs as root and lost its parent is taken for sudo's.
  std::uint64_t strange_since = 0;
  /// People log in there: what carries no login may be sshd, or a connection that it has not let in yet, and is in doubt.
  bool among_logins = false;
};

/// `inside` are all processes of the group, `stays` those that an end of sudo leaves alone. What hangs, by living parents inside,
/// below the account's own goes with it; what hangs below the service's own, or below somebody who logged in, is theirs.
[[nodiscard]] std::map<Pid, Fate> FatesIn(const Reach& reach, const std::vector<ProcessFacts>& inside, const std::set<Pid>& stays);

/// Came from a login of this account and runs, in whole or in part, as somebody else: sudo's doing, or another set-uid's. A
/// process in a namespace of its own (a container) may carry the account's number by chance: it does not count.
[[nodiscard]] bool IsRaised(const ProcessFacts& process, std::uint32_t uid);

/// It only carries a login and is no part of it: sshd's monitor, login, cron's and at's own child.
[[nodiscard]] bool IsDoor(const ProcessFacts& process, std::uint32_t login_of_parent);

/// What the account itself started as somebody else after the clock tick `over`, and what came of it: a sudo that rule and gate
/// refuse, or, where `sudo_lives`, one under a grant that does. An account can have itself made the parent of what its sudo left
/// (PR_SET_CHILD_SUBREAPER): where no sudo lives, what has given up the account's uid, as a sudo at work does not, is that. MUST
/// be believed for one look only.
[[nodiscard]] std::set<Pid> StartedSince(const std::vector<ProcessFacts>& processes, std::uint32_t uid, std::uint64_t over,
                                         bool sudo_lives);

/// True when others than the account log in there: sshd runs in it (without pam_systemd all its sessions do), or something got a
/// login that its parent there has not. Nothing that the account can start without root counts.
[[nodiscard]] bool LetsPeopleIn(const std::vector<ProcessFacts>& inside, std::uint32_t uid);

}  // namespace curfew
