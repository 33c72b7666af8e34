// SPDX-License-Identifier: Apache-2.0
// What an account left running, looked for all over the host. It is decided by the login a process came from, which it keeps
// across setuid, fork and any change of parent or control group, never by who its parent is. All of it walks /proc and may
// block: for a worker. MUST: an error is "cannot say", never "nothing there".
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/bundle.h"
#include "core/fate.h"
#include "core/plan.h"
#include "os/cgroup.h"
#include "os/process.h"

namespace curfew {

/// The processes of a control group and of those below it; none when it is gone.
[[nodiscard]] Result<std::vector<ProcessFacts>> InsideOf(const CgroupTree& tree, const std::string& scope);

/// `session-<id>.scope` of a path, as logind names it; empty for any other.
[[nodiscard]] std::string SessionIdOf(const std::string& scope);

/// Those that only carry a login and are no part of it: sshd's monitor, login, cron's and at's own child. They stay where
/// only sudo ends.
[[nodiscard]] std::set<pid_t> DoorsAmong(const std::vector<ProcessFacts>& processes, const std::set<pid_t>& leaders);

/// The clock tick in which that moment lies, as starts are counted.
[[nodiscard]] std::uint64_t TickOf(BootInstant moment);

/// What of a group must not live on after a session in it.
struct Targets {
  std::vector<ProcessFacts> certain;
  std::vector<ProcessFacts> doubtful;  ///< may be sudo's or somebody else's: to be listed, never ended
  std::set<ProcessId> spared;          ///< as begun by the account since the end
};
[[nodiscard]] Targets TargetsOf(const Session& session, const std::vector<ProcessFacts>& inside, const std::set<pid_t>& stays,
                                bool among_logins);

/// By pid.
using Survivors = std::map<pid_t, Survivor>;
void AddSurvivor(Survivors& to, const ProcessFacts& process);
/// As many as a receipt holds; the last one says how many more there are.
[[nodiscard]] std::vector<Survivor> ListOf(const Survivors& survivors);

/// What lives of these audit sessions, wherever; for a sudo session only what sudo may have started.
[[nodiscard]] Result<Survivors> FindElsewhere(const Session& session, const std::set<std::uint32_t>& audit_sessions,
                                              const std::set<pid_t>& leaders);

/// The scopes of the account that came by sshd or login and in which something lives.
[[nodiscard]] Result<std::vector<std::string>> FindLogins(const CgroupTree& tree, const std::string& root, Uid uid);

/// What is looked for after the end of a grant.
struct Search {
  Uid uid = 0;
  bool login_over = false;   ///< nobody may be logged in to the account
  bool sudo_over = false;    ///< what the account raised is ended on the way
  bool sudo_lives = false;   ///< a live grant allows it some sudo
  std::set<ProcessId> spared;    ///< by the look before, as begun since: spared once, it is ended, or held where sudo lives
  bool last = false;         ///< also lists what of the account lives elsewhere
  std::set<std::string> others;  ///< control groups in which all that sudo raised is of grants that live
  BootInstant since{};       ///< what began before that is not the grant's
  BootInstant over{};        ///< when the grant ended
  std::string root;
};

struct Found {
  std::size_t ended = 0;               ///< raised processes that were ended
  Survivors raised;                    ///< and those that could not be
  std::set<ProcessId> spared;          ///< and those that the account may have begun since
  Survivors held;                      ///< of these, those that the look before spared, too: not ended, for sudo lives
  std::vector<std::string> logins;     ///< control groups to be ended whole
  Survivors elsewhere;                 ///< adopted by PID 1, cron, at, a container
  bool unknown = false;                ///< where sudo's work went is not to be known on this host
  std::optional<Error> error;          ///< it could not look everywhere
};

[[nodiscard]] Found SearchHost(const CgroupTree& tree, const Search& search);

}  // namespace curfew
