// SPDX-License-Identifier: Apache-2.0
// Waiting is looking again, ever less often, until nothing is left or five seconds are over: a process in an
// uninterruptible call dies late and is then a survivor, not a reason to wait for ever.
#include "agent/enforcer/sessions/session_end.h"

#include <boost/asio/steady_timer.hpp>
#include <memory>

#include "core/host_files.h"
#include "os/login_session.h"
#include "os/machine.h"
#include "os/system_bus.h"
#include "os/terminal.h"

namespace curfew {
namespace {

constexpr Millis kLongest{5000};
// sshd, which carries the line to the person's screen, dies with the session: it gets this long to do so.
constexpr Millis kHearing{60};
constexpr Millis kLongestFreeze{50};
constexpr Millis kRefusing{1000};

/// One session as the worker sees it; every function of it may block.
struct Scene {
  const CgroupTree& tree;
  std::string root;
  Session session;
  bool among_logins = false;
  bool sudo_lives = false;
  BootInstant over{};  ///< when its end began
  std::set<ProcessId> spared{};  ///< by an earlier look, as begun since: spared once, it is listed

  [[nodiscard]] bool IsKillable() const { return IsKillableScope(session.scope, session.uid); }
  [[nodiscard]] bool IsWhole() const { return session.kind == SessionKind::kLogin && IsKillable(); }

  [[nodiscard]] std::set<pid_t> Leaders() const { return {ReadLoginSession(root, SessionIdOf(session.scope)).leader}; }

  [[nodiscard]] Result<Targets> ReadTargets() const {
    auto inside = InsideOf(tree, session.scope);
    if (!inside) return Failure(inside.error());
    if (IsWhole()) return Targets{*std::move(inside), {}, {}};
    auto stays = DoorsAmong(*inside, Leaders());
    const auto since = StartedSince(*inside, session.uid, TickOf(over), sudo_lives);
    stays.insert(since.begin(), since.end());
    Targets targets = TargetsOf(session, *inside, stays, among_logins || !KeepsLogins() || LetsPeopleIn(*inside, session.uid));
    for (const auto& process : *inside) {
      if (!since.contains(process.pid) || RunsOnlyAs(process, session.uid)) continue;
      if (spared.contains(IdOf(process))) targets.doubtful.push_back(process);
      targets.spared.insert(IdOf(process));
    }
    return targets;
  }
};

struct Told {
  std::optional<Instant> at;
  std::set<std::uint32_t> audit_sessions;
};

Told TellAll(const Scene& scene) {
  Told told;
  const auto inside = InsideOf(scene.tree, scene.session.scope);
  const auto listeners = scene.ReadTargets();
  if (!inside || !listeners) return told;
  // A group that is not the session's own also holds other people's logins.
  for (const auto& process : scene.IsKillable() ? *inside : listeners->certain) told.audit_sessions.insert(process.audit_session);
  told.audit_sessions.erase(kNoAuditSession);
  std::set<std::uint32_t> terminals;
  for (const auto& process : listeners->certain) terminals.insert(process.terminal);
  terminals.erase(0);
  const std::string text = "\r\ncurfew: your access to this host (grant " + scene.session.grant.Text() +
                           ") has ended. What runs under it is ended now.\r\n";
  for (const std::uint32_t terminal : terminals) {
    if (TellTerminal(terminal, text)) told.at = ReadNow().utc;
  }
  return told;
}

// A process can fork between being listed and being ended, so its group stands still meanwhile. A group that is not the
// session's own is never frozen: it may be sshd's.
void EndEach(const Scene& scene) {
  const bool freeze = scene.IsKillable() && scene.tree.SetFrozen(scene.session.scope, true).has_value();
  if (freeze) static_cast<void>(scene.tree.AwaitFrozen(scene.session.scope, kLongestFreeze));
  if (const auto targets = scene.ReadTargets()) {
    for (const auto& target : targets->certain) static_cast<void>(KillProcess(target));
  }
  if (freeze) static_cast<void>(scene.tree.SetFrozen(scene.session.scope, false));
}

/// What is left of it where it ran; an error when that cannot be said.
Result<Targets> LeftOf(const Scene& scene) {
  if (!scene.IsWhole()) EndEach(scene);
  if (!scene.IsWhole()) return scene.ReadTargets();
  const auto events = scene.tree.Events(scene.session.scope);
  if (events ? !events->populated : events.error().code == Errc::kNotFound) return Targets{};
  auto inside = scene.ReadTargets();
  if (inside && inside->certain.empty()) return Fail(Errc::kConflict, "is populated by what cannot be seen", scene.session.scope);
  return inside;
}

struct Left {
  bool gone = false;
  bool seen = true;
  Survivors survivors;
  std::set<ProcessId> spared;
};

Left LookAt(const Scene& scene, bool last, const std::set<std::uint32_t>& audit_sessions) {
  Left left;
  const auto here = LeftOf(scene);
  left.seen = here.has_value();
  left.gone = left.seen && here->certain.empty();
  if (!left.gone && !last) return left;
  const Targets found = here ? *here : Targets{};
  left.spared = found.spared;
  for (const auto& process : found.certain) AddSurvivor(left.survivors, process);
  for (const auto& process : found.doubtful) AddSurvivor(left.survivors, process);
  auto elsewhere = FindElsewhere(scene.session, audit_sessions, scene.Leaders());
  left.seen = left.seen && elsewhere.has_value();
  if (elsewhere) left.survivors.merge(*elsewhere);
  return left;
}

// One session on its way out.
class Ending : public std::enable_shared_from_this<Ending> {
 public:
  Ending(SessionEnder::Parts& parts, BookedSession booked, bool sudo_lives, SessionEnder::Done done)
      : parts_(parts),
        scene_{parts.tree, parts.root, std::move(booked.session), booked.among_logins, sudo_lives, ReadNow().boot},
        audit_sessions_(std::move(booked.audit_sessions)),
        done_(std::move(done)),
        timer_(parts.loop) {}

  void Start() {
    parts_.ends.Ask(scene_.session.uid, [scene = scene_] { return TellAll(scene); }, [self = shared_from_this()](const Told& told) { self->Heard(told); });
  }

 private:
  void Heard(const Told& told) {
    told_ = told.at;
    audit_sessions_.insert(told.audit_sessions.begin(), told.audit_sessions.end());
    audit_sessions_.erase(kNoAuditSession);
    LookIn(told_ ? kHearing : Millis{0});
  }

  // Where it can be ended whole it is, again at each look; what that did is looked at.
  void EndWhole() {
    static_cast<void>(scene_.tree.Kill(scene_.session.scope));
    const std::string id = SessionIdOf(scene_.session.scope);
    if (id.empty() || waited_ > Millis{0}) return;
    parts_.slow.Ask([id] { return TerminateSession(id); }, [](const Result<void>&) {});
  }

  void LookIn(Millis wait) {
    timer_.expires_after(wait);
    timer_.async_wait([self = shared_from_this()](const boost::system::error_code& stopped) {
      if (!stopped) self->LookNow();
    });
  }

  void LookNow() {
    if (scene_.IsWhole()) EndWhole();
    const bool last = waited_ >= kLongest;
    parts_.ends.Ask(scene_.session.uid, [scene = scene_, last, audit = audit_sessions_] { return LookAt(scene, last, audit); },
                    [self = shared_from_this(), last](Left left) { self->Take(std::move(left), last); });
  }

  void Take(Left left, bool last) {
    if (!left.gone && !last) {
      step_ = std::min(step_ * 2, Millis{100});
      waited_ += step_;
      return LookIn(step_);
    }
    // A sudo that is refused is gone by then.
    if (!last && !left.spared.empty() && scene_.spared.empty()) {
      scene_.spared = std::move(left.spared);
      waited_ += kRefusing;
      return LookIn(kRefusing);
    }
    done_(EndedSession{scene_.session, left.gone, left.seen, told_, std::move(left.survivors)});
  }

  SessionEnder::Parts& parts_;
  Scene scene_;
  std::set<std::uint32_t> audit_sessions_;
  SessionEnder::Done done_;
  boost::asio::steady_timer timer_;
  std::optional<Instant> told_;
  Millis step_{1};
  Millis waited_{0};
};

}  // namespace

void SessionEnder::End(const BookedSession& booked, bool sudo_lives, Done done) {
  std::make_shared<Ending>(parts_, booked, sudo_lives, std::move(done))->Start();
}

}  // namespace curfew
