// SPDX-License-Identifier: Apache-2.0
// Parents are asked for only as far as they live and are among those looked at: PID 1 adopts, so being its child says nothing.
#include "core/fate.h"

#include <algorithm>

namespace curfew {
namespace {

class Family {
 public:
  explicit Family(const std::vector<ProcessFacts>& all) {
    for (const auto& process : all) by_pid_.emplace(process.pid, &process);
  }

  /// The process, then its parent, and so on: `visit` says whether to go on. A number given anew while /proc was read may close a
  /// circle.
  template <class Visit>
  void Climb(const ProcessFacts& process, const Visit& visit) const {
    const ProcessFacts* at = &process;
    for (std::size_t step = 0; at != nullptr && step < by_pid_.size() && visit(*at); ++step) {
      const auto parent = by_pid_.find(at->parent);
      at = at->parent <= 1 || parent == by_pid_.end() ? nullptr : parent->second;
    }
  }

 private:
  std::map<Pid, const ProcessFacts*> by_pid_;
};

struct Descent {
  bool accounts = false;  ///< it or one above is the account's
  bool others = false;    ///< one above is the service's own, or somebody's who logged in
  const ProcessFacts* top = nullptr;
};

bool IsAccounts(const Reach& reach, const ProcessFacts& process) {
  return RunsAs(process, reach.uid) || (!reach.login && process.login == reach.uid);
}

bool IsStrange(const Reach& reach, const ProcessFacts& process) {
  return reach.strange_since != 0 && process.started >= reach.strange_since;
}

bool IsNobodys(const ProcessFacts& process) { return process.login == kNoLogin && !process.nested; }

bool IsSomebodysOwn(const ProcessFacts& process) { return process.login != kNoLogin && RunsOnlyAs(process, process.login); }

Descent DescentOf(const Reach& reach, const ProcessFacts& process, const Family& family, const std::set<Pid>& stays) {
  Descent descent;
  family.Climb(process, [&](const ProcessFacts& at) {
    descent.accounts = descent.accounts || IsAccounts(reach, at);
    const bool theirs = !IsStrange(reach, at) || stays.contains(at.pid) || IsSomebodysOwn(at);
    descent.others = descent.others || (theirs && at.pid != process.pid);
    descent.top = &at;
    return true;
  });
  return descent;
}

Fate FateOf(const Reach& reach, const ProcessFacts& process, const Family& family, const std::set<Pid>& stays) {
  if (!reach.login && (RunsOnlyAs(process, reach.uid) || stays.contains(process.pid))) return Fate::kLives;
  if (reach.own) return Fate::kEnds;
  const Descent descent = DescentOf(reach, process, family, stays);
  if (descent.accounts) return Fate::kEnds;
  if (reach.login || !IsStrange(reach, process) || descent.others) return Fate::kLives;
  const bool sudos = IsNobodys(process) && IsNobodys(*descent.top) && RunsAs(*descent.top, 0);
  if (sudos && !reach.among_logins) return Fate::kEnds;
  return process.real == process.login ? Fate::kLives : Fate::kUnclear;
}

}  // namespace

std::map<Pid, Fate> FatesIn(const Reach& reach, const std::vector<ProcessFacts>& inside, const std::set<Pid>& stays) {
  const Family family(inside);
  std::map<Pid, Fate> fates;
  for (const auto& process : inside) fates.emplace(process.pid, FateOf(reach, process, family, stays));
  return fates;
}

bool IsRaised(const ProcessFacts& process, std::uint32_t uid) {
  return process.login == uid && !RunsOnlyAs(process, uid) && !process.nested;
}

// sudo keeps the account as its real uid.
bool IsDoor(const ProcessFacts& process, std::uint32_t login_of_parent) {
  return process.parent > 1 && process.login != kNoLogin && !RunsAs(process, process.login) && login_of_parent != process.login;
}

std::set<Pid> StartedSince(const std::vector<ProcessFacts>& processes, std::uint32_t uid, std::uint64_t over, bool sudo_lives) {
  const auto may_be_new = [&](const ProcessFacts& child) {
    return !RunsOnlyAs(child, uid) && child.started > over && (sudo_lives || RunsAs(child, uid));
  };
  const Family family(processes);
  std::set<Pid> since;
  for (const auto& process : processes) {
    const ProcessFacts* child = nullptr;
    family.Climb(process, [&](const ProcessFacts& at) {
      const bool by_account = child != nullptr && RunsOnlyAs(at, uid) && may_be_new(*child);
      if (by_account) since.insert(process.pid);
      child = &at;
      return !by_account;
    });
  }
  return since;
}

bool LetsPeopleIn(const std::vector<ProcessFacts>& inside, std::uint32_t uid) {
  std::map<Pid, std::uint32_t> logins;
  for (const auto& process : inside) logins.emplace(process.pid, process.login);
  return std::any_of(inside.begin(), inside.end(), [&](const ProcessFacts& process) {
    if (RunsAs(process, uid)) return false;
    if (process.command.starts_with("sshd") && RunsOnlyAs(process, 0)) return true;
    const auto parent = logins.find(process.parent);
    return process.login != kNoLogin && parent != logins.end() && parent->second != process.login;
  });
}

}  // namespace curfew
