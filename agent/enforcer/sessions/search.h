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

/// What the account itself started as somebody else after `over`, and what came of it: a sudo that rule and gate refuse, or one
/// under a grant that lives. It is nothing that an end at `over` left.
[[nodiscard]] std::set<pid_t> StartedSince(const std::vector<ProcessFacts>& processes, Uid uid, BootInstant over);

/// What of a group must not live on after a session in it.
struct Targets {
  std::vector<ProcessFacts> certain;
  std::vector<ProcessFacts> doubtful;  ///< may be sudo's or somebody else's: to be listed, never ended
};
/// Where people log in (`among_logins`), what carries no login may be sshd or a connection that it has not let in yet: it is in doubt.
[[nodiscard]] Targets TargetsOf(const Session& session, const std::vector<ProcessFacts>& inside, const std::set<pid_t>& spared,
                                bool among_logins);

/// True when others than the account log in there: sshd runs in it (without pam_systemd all its sessions do), or something got a
/// login that its parent there has not. Nothing that the account can start without root counts.
[[nodiscard]] bool LetsPeopleIn(const std::vector<ProcessFacts>& inside, Uid uid);

/// By pid.
using Survivors = std::map<pid_t, Survivor>;
void AddSurvivor(Survivors& to, const ProcessFacts& process);
/// As many as a receipt holds; the last one says how many more there are.
[[nodiscard]] std::vector<Survivor> ListOf(const Survivors& survivors);

/// What lives of these audit sessions, wherever; for a sudo session only what runs as somebody else, doors left out.
[[nodiscard]] Result<Survivors> FindElsewhere(const Session& session, const std::set<std::uint32_t>& audit_sessions,
                                              const std::set<pid_t>& leaders);

/// The scopes of the account that came by sshd or login and in which something lives.
[[nodiscard]] Result<std::vector<std::string>> FindLogins(const CgroupTree& tree, const std::string& root, Uid uid);

/// What is looked for after the end of a grant.
struct Search {
  Uid uid = 0;
  bool login_over = false;   ///< nobody may be logged in to the account
  bool sudo_over = false;    ///< the account may not use sudo: what it raised is ended on the way
  bool last = false;         ///< also lists what of the account lives elsewhere
  std::set<std::string> others;  ///< control groups in which all that sudo raised is of grants that live
  BootInstant since{};       ///< what began before that is not the grant's
  BootInstant over{};        ///< when the grant ended
  std::string root;
};

struct Found {
  std::size_t ended = 0;               ///< raised processes that were ended
  Survivors raised;                    ///< and those that could not be
  std::vector<std::string> logins;     ///< control groups to be ended whole
  Survivors elsewhere;                 ///< adopted by PID 1, cron, at, a container
  bool unknown = false;                ///< where sudo's work went is not to be known on this host
  std::optional<Error> error;          ///< it could not look everywhere
};

[[nodiscard]] Found SearchHost(const CgroupTree& tree, const Search& search);

}  // namespace curfew
