// SPDX-License-Identifier: Apache-2.0
// What ends is core/fate's rule; here /proc is read and it is done.
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
constexpr Millis kTick{10};  // the kernel counts a start in hundredths of a second
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

// The kernel rounds a start down.
bool BeganSince(const ProcessFacts& process, BootInstant moment) { return process.started >= TickOf(moment); }

// False only on the kernel's word.
bool IsPopulated(const CgroupTree& tree, const std::string& scope) {
  const auto events = tree.Events(scope);
  return events ? events->populated : !IsGone(events.error());
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

struct Raised {
  std::vector<ProcessFacts> over;    ///< what sudo left
  std::vector<ProcessFacts> spared;  ///< what the account may have begun since
};

Result<Raised> FindRaised(const Search& search, const std::set<pid_t>& leaders) {
  auto pids = AllProcesses();
  if (!pids) return Failure(pids.error());
  std::erase_if(*pids, [&](pid_t pid) { return LoginOf(pid) != search.uid; });
  const auto processes = ReadEach(*pids);
  if (!processes) return Failure(processes.error());
  const auto doors = DoorsAmong(*processes, leaders);
  const auto since = StartedSince(*processes, search.uid, TickOf(search.over), search.sudo_lives);
  Raised raised;
  for (const auto& process : *processes) {
    if (!IsRaised(process, search.uid) || doors.contains(process.pid) || IsIn(search.others, process.pid)) continue;
    const bool spared = since.contains(process.pid) && (search.sudo_lives || !search.spared.contains(IdOf(process)));
    (spared ? raised.spared : raised.over).push_back(process);
  }
  return raised;
}

// Rounds, until one finds nothing: what is being ended can fork meanwhile.
Result<Raised> EndRaised(const Search& search, const std::set<pid_t>& leaders, std::size_t& ended) {
  std::set<ProcessId> sent;
  for (int round = 0;; ++round) {
    auto raised = FindRaised(search, leaders);
    if (!raised || raised->over.empty() || round == kRounds) {
      ended = sent.size() - (raised ? std::min(raised->over.size(), sent.size()) : 0);
      return raised;
    }
    for (const auto& process : raised->over) {
      if (KillProcess(process).value_or(false)) sent.insert(IdOf(process));
    }
    for (const auto& process : raised->over) {
      if (!AwaitEnd(process, kDying)) break;
    }
  }
}

void TakeRaised(Found& found, const Search& search, const Raised& raised) {
  for (const auto& process : raised.over) AddSurvivor(found.raised, process);
  for (const auto& process : raised.spared) {
    // A live grant may have let it in: nobody can say, so it is not ended.
    if (search.spared.contains(IdOf(process))) AddSurvivor(found.held, process);
    found.spared.insert(IdOf(process));
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
    if (its && BeganSince(process, search.since)) AddSurvivor(own, process);
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
    // A parent that is gone by now let nobody in.
    const bool door = IsDoor(process, LoginOf(process.parent)) && ReadProcess(process.parent).has_value();
    if (door || leaders.contains(process.pid)) doors.insert(process.pid);
  }
  return doors;
}

std::uint64_t TickOf(BootInstant moment) { return static_cast<std::uint64_t>(moment.time_since_epoch() / kTick); }

Targets TargetsOf(const Session& session, const std::vector<ProcessFacts>& inside, const std::set<pid_t>& stays, bool among_logins) {
  const Reach reach{session.uid, session.kind == SessionKind::kLogin, IsKillableScope(session.scope, session.uid),
                    session.strange_since, among_logins};
  const auto fates = FatesIn(reach, inside, stays);
  Targets targets;
  for (const auto& process : inside) {
    const Fate fate = fates.at(process.pid);
    if (fate == Fate::kEnds) targets.certain.push_back(process);
    if (fate == Fate::kUnclear) targets.doubtful.push_back(process);
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
  // Sudo may have been asked for in somebody else's login: of that one's audit session only what lost its parent may be sudo's.
  const Reach reach{session.uid, false, false, 1, true};
  const auto fates = FatesIn(reach, *processes, DoorsAmong(*processes, leaders));
  for (const auto& process : *processes) {
    if (session.kind == SessionKind::kLogin || fates.at(process.pid) != Fate::kLives) AddSurvivor(found, process);
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
    if (seen(raised)) TakeRaised(found, search, *raised);
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
