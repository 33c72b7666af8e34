// SPDX-License-Identifier: Apache-2.0
// A process in a namespace of its own (a container) may carry the number of an account of this host by chance: it is listed,
// never ended.
#include "agent/enforcer/sessions/search.h"

#include <algorithm>

#include "core/codec.h"
#include "core/host_files.h"
#include "core/plain_text.h"
#include "os/login_session.h"

namespace curfew {
namespace {

constexpr int kRounds = 20;
constexpr Millis kDying{10};
constexpr std::string_view kScope = ".scope";

bool IsGone(const Error& error) { return error.code == Errc::kNotFound; }

// A group that cannot be read is looked for from the other side: each process says where it is.
Result<std::vector<pid_t>> MembersOf(const std::string& scope) {
  auto all = AllProcesses();
  if (!all) return all;
  std::erase_if(*all, [&](pid_t pid) {
    const auto group = CgroupOf(pid);
    if (!group) return IsGone(group.error());
    return *group != scope && !group->starts_with(scope + "/");
  });
  return all;
}

Result<std::vector<ProcessFacts>> ReadEach(const std::vector<pid_t>& pids) {
  std::vector<ProcessFacts> facts;
  for (const pid_t pid : pids) {
    auto process = ReadProcess(pid);
    if (!process && IsGone(process.error())) continue;
    if (!process) return Failure(process.error());
    facts.push_back(*std::move(process));
  }
  return facts;
}

std::set<pid_t> WithDescendants(const std::vector<ProcessFacts>& inside, std::set<pid_t> roots) {
  for (bool grew = true; grew;) {
    grew = false;
    for (const auto& process : inside) {
      if (roots.contains(process.parent)) grew = roots.insert(process.pid).second || grew;
    }
  }
  return roots;
}

// The kernel counts a start in hundredths of a second, rounded down.
BootInstant Began(const ProcessFacts& process, std::int64_t round_up) {
  constexpr std::int64_t kTick = 10;
  return BootInstant{Millis{(static_cast<std::int64_t>(process.started) + round_up) * kTick}};
}

// In a group where sudo was asked for without the account's login, what began since and carries nobody's is taken for sudo's;
// what carries another's may be that person's own.
bool IsStrange(const Session& session, const ProcessFacts& process) {
  return session.strange_since != 0 && process.started >= session.strange_since;
}

// False only on the kernel's word.
bool IsPopulated(const CgroupTree& tree, const std::string& scope) {
  const auto events = tree.Events(scope);
  return events ? events->populated : !IsGone(events.error());
}

bool IsDoor(const ProcessFacts& process, const std::set<pid_t>& leaders) {
  if (leaders.contains(process.pid)) return true;
  // PID 1 adopts: that a process is its child says nothing. sudo keeps the account as its real uid.
  if (process.parent <= 1 || process.login == kNoLogin || RunsAs(process, process.login)) return false;
  const auto parent = ReadProcess(process.parent);
  return parent && parent->login != process.login;
}

Result<std::set<pid_t>> LeadersOf(const CgroupTree& tree, const std::string& root, Uid uid) {
  auto units = tree.Children(SliceOf(uid), std::string(kScope));
  if (!units) return Failure(units.error());
  std::set<pid_t> leaders;
  for (const auto& unit : *units) leaders.insert(ReadLoginSession(root, SessionIdOf("/" + unit)).leader);
  leaders.erase(0);
  return leaders;
}

bool IsIn(const std::set<std::string>& scopes, pid_t pid) {
  if (scopes.empty()) return false;
  const std::string group = CgroupOf(pid).value_or("") + "/";
  return std::any_of(scopes.begin(), scopes.end(), [&](const std::string& scope) { return group.starts_with(scope + "/"); });
}

// Came from a login of this account and runs, in whole or in part, as somebody else: sudo's doing, or another set-uid's.
Result<std::vector<ProcessFacts>> FindRaised(const Search& search, const std::set<pid_t>& leaders) {
  const Uid uid = search.uid;
  auto pids = AllProcesses();
  if (!pids) return Failure(pids.error());
  std::erase_if(*pids, [&](pid_t pid) { return LoginOf(pid) != uid; });
  auto processes = ReadEach(*pids);
  if (!processes) return processes;
  auto spared = DoorsAmong(*processes, leaders);
  spared.merge(StartedSince(*processes, uid, search.over));
  std::erase_if(*processes, [&](const ProcessFacts& process) {
    return process.login != uid || RunsOnlyAs(process, uid) || process.nested || spared.contains(process.pid) ||
           IsIn(search.others, process.pid);
  });
  return processes;
}

// Rounds, until one finds nothing: what is being ended can fork meanwhile.
Result<std::vector<ProcessFacts>> EndRaised(const Search& search, const std::set<pid_t>& leaders, std::size_t& ended) {
  std::set<std::pair<pid_t, std::uint64_t>> sent;
  for (int round = 0;; ++round) {
    auto raised = FindRaised(search, leaders);
    if (!raised || raised->empty() || round == kRounds) {
      ended = sent.size() - (raised ? std::min(raised->size(), sent.size()) : 0);
      return raised;
    }
    for (const auto& process : *raised) {
      if (KillProcess(process).value_or(false)) sent.emplace(process.pid, process.started);
    }
    for (const auto& process : *raised) {
      if (!AwaitEnd(process, kDying)) break;
    }
  }
}

Result<Survivors> FindOwn(const Search& search) {
  const auto pids = AllProcesses();
  if (!pids) return Failure(pids.error());
  const auto processes = ReadEach(*pids);
  if (!processes) return Failure(processes.error());
  Survivors own;
  for (const auto& process : *processes) {
    const bool its = process.login == search.uid || RunsAs(process, search.uid);
    if (its && Began(process, 1) >= search.since) AddSurvivor(own, process);
  }
  return own;
}

}  // namespace

Result<std::vector<ProcessFacts>> InsideOf(const CgroupTree& tree, const std::string& scope) {
  auto pids = tree.Processes(scope);
  if (!pids && IsGone(pids.error())) return std::vector<ProcessFacts>{};
  if (!pids) pids = MembersOf(scope);
  if (!pids) return Failure(pids.error());
  return ReadEach(*pids);
}

std::string SessionIdOf(const std::string& scope) {
  constexpr std::string_view kSession = "/session-";
  const std::size_t start = scope.rfind(kSession);
  if (start == std::string::npos || !scope.ends_with(kScope)) return {};
  return scope.substr(start + kSession.size(), scope.size() - start - kSession.size() - kScope.size());
}

std::set<pid_t> DoorsAmong(const std::vector<ProcessFacts>& processes, const std::set<pid_t>& leaders) {
  std::set<pid_t> doors;
  for (const auto& process : processes) {
    if (IsDoor(process, leaders)) doors.insert(process.pid);
  }
  return doors;
}

std::set<pid_t> StartedSince(const std::vector<ProcessFacts>& processes, Uid uid, BootInstant over) {
  std::map<pid_t, const ProcessFacts*> known;
  for (const auto& process : processes) known.emplace(process.pid, &process);
  std::set<pid_t> started;
  for (const auto& process : processes) {
    const auto parent = known.find(process.parent);
    const bool its = parent != known.end() && RunsOnlyAs(*parent->second, uid);
    if (its && !RunsOnlyAs(process, uid) && Began(process, 0) > over) started.insert(process.pid);
  }
  return WithDescendants(processes, std::move(started));
}

bool LetsPeopleIn(const std::vector<ProcessFacts>& inside, Uid uid) {
  std::map<pid_t, uid_t> logins;
  for (const auto& process : inside) logins.emplace(process.pid, process.login);
  return std::any_of(inside.begin(), inside.end(), [&](const ProcessFacts& process) {
    if (RunsAs(process, uid)) return false;
    if (process.command.starts_with("sshd") && RunsOnlyAs(process, 0)) return true;
    const auto parent = logins.find(process.parent);
    return process.login != kNoLogin && parent != logins.end() && parent->second != process.login;
  });
}

Targets TargetsOf(const Session& session, const std::vector<ProcessFacts>& inside, const std::set<pid_t>& spared, bool among_logins) {
  const bool own_scope = IsKillableScope(session.scope, session.uid);
  const bool sudo = session.kind == SessionKind::kSudo;
  std::set<pid_t> roots;
  for (const auto& process : inside) {
    if (RunsAs(process, session.uid) || (sudo && process.login == session.uid)) roots.insert(process.pid);
  }
  const std::set<pid_t> family = own_scope ? std::set<pid_t>{} : WithDescendants(inside, std::move(roots));
  Targets targets;
  for (const auto& process : inside) {
    if (sudo && (RunsOnlyAs(process, session.uid) || spared.contains(process.pid))) continue;
    const bool strange = IsStrange(session, process);
    const bool sudos = strange && process.login == kNoLogin && !process.nested && !among_logins;
    if (own_scope || family.contains(process.pid) || sudos) {
      targets.certain.push_back(process);
    } else if (strange && process.real != process.login) {
      targets.doubtful.push_back(process);
    }
  }
  return targets;
}

void AddSurvivor(Survivors& to, const ProcessFacts& process) {
  constexpr std::size_t kLongest = 200;
  if (to.contains(process.pid)) return;
  const auto unit = CgroupOf(process.pid);
  to.emplace(process.pid, Survivor{process.pid, process.real, CutText(Escaped(process.command), kLongest),
                                   unit ? CutText(Escaped(*unit), kLongest) : std::string()});
}

std::vector<Survivor> ListOf(const Survivors& survivors) {
  std::vector<Survivor> list;
  for (const auto& [pid, survivor] : survivors) {
    if (list.size() < kMaxSurvivors) list.push_back(survivor);
  }
  if (survivors.size() > list.size()) list.back().command += " (and " + std::to_string(survivors.size() - list.size()) + " more)";
  return list;
}

Result<Survivors> FindElsewhere(const Session& session, const std::set<std::uint32_t>& audit_sessions,
                                const std::set<pid_t>& leaders) {
  Survivors found;
  if (audit_sessions.empty()) return found;
  auto pids = AllProcesses();
  if (!pids) return Failure(pids.error());
  std::erase_if(*pids, [&](pid_t pid) { return !audit_sessions.contains(AuditSessionOf(pid)); });
  const auto processes = ReadEach(*pids);
  if (!processes) return Failure(processes.error());
  const bool sudo = session.kind == SessionKind::kSudo;
  const auto doors = sudo ? DoorsAmong(*processes, leaders) : std::set<pid_t>{};
  for (const auto& process : *processes) {
    const bool stays = sudo && (RunsOnlyAs(process, session.uid) || doors.contains(process.pid));
    if (!stays) AddSurvivor(found, process);
  }
  return found;
}

Result<std::vector<std::string>> FindLogins(const CgroupTree& tree, const std::string& root, Uid uid) {
  const auto units = tree.Children(SliceOf(uid), std::string(kScope));
  if (!units) return Failure(units.error());
  std::vector<std::string> logins;
  for (const auto& unit : *units) {
    const std::string scope = SliceOf(uid) + "/" + unit;
    const std::string service = ReadLoginSession(root, SessionIdOf(scope)).service;
    // cron and su of root are not ours.
    const bool login = (service == "sshd" || service == "login") && IsKillableScope(scope, uid);
    if (login && IsPopulated(tree, scope)) logins.push_back(scope);
  }
  return logins;
}

Found SearchHost(const CgroupTree& tree, const Search& search) {
  Found found;
  const auto seen = [&](const auto& result) {
    if (!result) found.error = result.error();
    return result.has_value();
  };
  const auto leaders = LeadersOf(tree, search.root, search.uid);
  if (seen(leaders) && search.sudo_over) {
    const auto raised = EndRaised(search, *leaders, found.ended);
    if (seen(raised)) {
      for (const auto& process : *raised) AddSurvivor(found.raised, process);
    }
    found.unknown = !KeepsLogins();
  }
  if (!search.login_over) return found;
  if (auto logins = FindLogins(tree, search.root, search.uid); seen(logins)) found.logins = *std::move(logins);
  if (IsPopulated(tree, UserServiceOf(search.uid))) found.logins.push_back(UserServiceOf(search.uid));
  if (!search.last) return found;
  if (auto own = FindOwn(search); seen(own)) found.elsewhere.merge(*own);
  return found;
}

}  // namespace curfew
