// SPDX-License-Identifier: Apache-2.0
// Waiting is looking again, ever less often, until nothing is left or five seconds are over: a process in an
// uninterruptible call dies late and is then a survivor, not a reason to wait for ever.
#include "agent/enforcer/sessions/session_end.h"

#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <thread>

#include "core/host_files.h"
#include "os/machine.h"
#include "os/system_bus.h"
#include "os/terminal.h"

namespace curfew {
namespace {

constexpr Millis kLongest{5000};
// sshd, which carries the line to the person's screen, dies with the session: it gets this long to do so.
constexpr Millis kHearing{60};
constexpr Millis kLongestFreeze{50};
constexpr std::size_t kMostSurvivors = 48;

std::vector<ProcessFacts> ReadAll(const std::vector<pid_t>& pids) {
  std::vector<ProcessFacts> facts;
  for (const pid_t pid : pids) {
    if (auto process = ReadProcess(pid)) facts.push_back(*std::move(process));
  }
  return facts;
}

bool RunsAs(const ProcessFacts& process, Uid uid) { return process.real == uid || process.effective == uid; }
bool RunsOnlyAs(const ProcessFacts& process, Uid uid) { return process.real == uid && process.effective == uid; }

std::set<pid_t> WithDescendants(const std::vector<ProcessFacts>& inside, std::set<pid_t> roots) {
  for (bool grew = true; grew;) {
    grew = false;
    for (const auto& process : inside) {
      if (roots.contains(process.parent)) grew = roots.insert(process.pid).second || grew;
    }
  }
  return roots;
}

// What pam_systemd was called in (sshd's monitor, login): the first process of the scope, with a child of the account's.
pid_t LeaderOf(const std::vector<ProcessFacts>& inside, Uid uid) {
  const auto first = std::min_element(inside.begin(), inside.end(), [](const ProcessFacts& a, const ProcessFacts& b) {
    return std::pair(a.started, a.pid) < std::pair(b.started, b.pid);
  });
  if (first == inside.end()) return 0;
  const bool leads = std::any_of(inside.begin(), inside.end(), [&](const ProcessFacts& process) {
    return process.parent == first->pid && process.real == uid;
  });
  return leads ? first->pid : 0;
}

Survivor SurvivorOf(const ProcessFacts& process) {
  const auto unit = CgroupOf(process.pid);
  return Survivor{process.pid, process.real, Escaped(process.command).substr(0, 200),
                  unit ? Escaped(*unit).substr(0, 200) : std::string()};
}

std::string SessionIdOf(const std::string& scope) {
  const std::size_t start = scope.rfind("/session-");
  const std::size_t end = scope.rfind(".scope");
  return start == std::string::npos || end == std::string::npos ? std::string() : scope.substr(start + 9, end - start - 9);
}

// One session on its way out.
class Ending : public std::enable_shared_from_this<Ending> {
 public:
  Ending(boost::asio::io_context& loop, const CgroupTree& tree, Worker& slow, BookedSession booked, SessionEnder::Done done)
      : tree_(tree), slow_(slow), booked_(std::move(booked)), done_(std::move(done)), timer_(loop) {}

  void Start() {
    const auto inside = Inside();
    for (const auto& process : inside) booked_.audit_sessions.insert(process.audit_session);
    booked_.audit_sessions.erase(kNoAuditSession);
    if (Tell(IsWhole() ? inside : TargetsOf(session(), inside))) told_ = ReadNow().utc;
    timer_.expires_after(told_ ? kHearing : Millis{0});
    timer_.async_wait([self = shared_from_this()](const boost::system::error_code& stopped) {
      if (stopped) return;
      if (self->IsWhole()) self->EndWhole();
      self->Look();
    });
  }

 private:
  [[nodiscard]] const Session& session() const { return booked_.session; }
  [[nodiscard]] bool IsKillable() const { return IsKillableScope(session().scope, session().uid); }
  [[nodiscard]] bool IsWhole() const { return session().kind == SessionKind::kLogin && IsKillable(); }

  [[nodiscard]] std::vector<ProcessFacts> Inside() const {
    auto pids = tree_.Processes(session().scope);
    return pids ? ReadAll(*pids) : std::vector<ProcessFacts>{};
  }

  [[nodiscard]] std::vector<ProcessFacts> Left() const {
    auto inside = Inside();
    return IsWhole() ? inside : TargetsOf(session(), inside);
  }

  [[nodiscard]] bool Tell(const std::vector<ProcessFacts>& listeners) const {
    std::set<std::uint32_t> terminals;
    for (const auto& process : listeners) terminals.insert(process.terminal);
    terminals.erase(0);
    const std::string text = "\r\ncurfew: your access to this host (grant " + session().grant.Text() +
                             ") has ended. What runs under it is ended now.\r\n";
    return std::count_if(terminals.begin(), terminals.end(),
                         [&](std::uint32_t terminal) { return TellTerminal(terminal, text).has_value(); }) > 0;
  }

  void EndWhole() {
    static_cast<void>(tree_.Kill(session().scope));  // what it did is looked at below
    const std::string id = SessionIdOf(session().scope);
    if (id.empty()) return;
    slow_.Ask([id] { return TerminateSession(id); }, [](const Result<void>&) {});
  }

  // A process can fork between being listed and being ended, so its group stands still meanwhile. A group that is not the
  // session's own is never frozen: it may be sshd's.
  void EndEach() {
    const bool freeze = IsKillable() && tree_.SetFrozen(session().scope, true).has_value();
    if (freeze) AwaitFrozen();
    for (const auto& target : TargetsOf(session(), Inside())) static_cast<void>(KillProcess(target));
    if (freeze) static_cast<void>(tree_.SetFrozen(session().scope, false));
  }

  void AwaitFrozen() const {
    const BootInstant start = ReadNow().boot;
    while (ReadNow().boot - start < kLongestFreeze) {
      const auto events = tree_.Events(session().scope);
      if (!events || events->frozen) return;
      std::this_thread::yield();
    }
  }

  void LookIn(Millis wait) {
    timer_.expires_after(wait);
    timer_.async_wait([self = shared_from_this()](const boost::system::error_code& stopped) {
      if (!stopped) self->Look();
    });
  }

  void Look() {
    if (!IsWhole()) EndEach();
    const auto left = Left();
    if (!left.empty() && waited_ < kLongest) {
      step_ = std::min(step_ * 2, Millis{100});
      waited_ += step_;
      return LookIn(step_);
    }
    EndedSession ended{session(), left.empty(), told_, FindElsewhere(session(), booked_.audit_sessions)};
    for (const auto& process : left) ended.survivors.push_back(SurvivorOf(process));
    if (ended.survivors.size() > kMostSurvivors) ended.survivors.resize(kMostSurvivors);
    done_(std::move(ended));
  }

  const CgroupTree& tree_;
  Worker& slow_;
  BookedSession booked_;
  SessionEnder::Done done_;
  boost::asio::steady_timer timer_;
  std::optional<Instant> told_;
  Millis step_{1};
  Millis waited_{0};
};

}  // namespace

std::vector<ProcessFacts> TargetsOf(const Session& session, const std::vector<ProcessFacts>& inside) {
  const bool own_scope = IsKillableScope(session.scope, session.uid);
  std::set<pid_t> roots;
  for (const auto& process : inside) {
    if (RunsAs(process, session.uid)) roots.insert(process.pid);
  }
  const std::set<pid_t> family = own_scope ? std::set<pid_t>{} : WithDescendants(inside, std::move(roots));
  const pid_t leader = LeaderOf(inside, session.uid);
  std::vector<ProcessFacts> targets;
  for (const auto& process : inside) {
    if (!own_scope && !family.contains(process.pid)) continue;
    const bool spared = session.kind == SessionKind::kSudo && (RunsOnlyAs(process, session.uid) || process.pid == leader);
    if (!spared) targets.push_back(process);
  }
  return targets;
}

std::vector<Survivor> FindElsewhere(const Session& session, const std::set<std::uint32_t>& audit_sessions) {
  std::vector<Survivor> found;
  if (audit_sessions.empty()) return found;
  for (const pid_t pid : AllProcesses()) {
    if (!audit_sessions.contains(AuditSessionOf(pid))) continue;
    const auto group = CgroupOf(pid);
    const auto process = ReadProcess(pid);
    if (!group || !process || *group == session.scope) continue;
    if (session.kind == SessionKind::kSudo && RunsOnlyAs(*process, session.uid)) continue;
    if (found.size() < kMostSurvivors) found.push_back(SurvivorOf(*process));
  }
  return found;
}

void SessionEnder::End(const BookedSession& booked, Done done) {
  std::make_shared<Ending>(loop_, tree_, slow_, booked, std::move(done))->Start();
}

}  // namespace curfew
