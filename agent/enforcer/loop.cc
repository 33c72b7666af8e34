// SPDX-License-Identifier: Apache-2.0
// wake → observe → desired → plan → apply → record → sleep.
#include "agent/enforcer/loop.h"

#include "os/machine.h"

namespace curfew {
namespace {

constexpr Seconds kRetry{1};
constexpr const char* kNoBundle = "the bundle of this host is lost";
constexpr const char* kRemedy =
    "; nothing is granted and the gates stay as they are until the controller sends it again; see: systemctl status curfew-link";
constexpr const char* kAboutBook = "sessions";

}  // namespace

void Loop::Turn() {
  const Now now = ReadNow();
  desired_ = DesiredState(parts_.in_force.BundleOrNone(), parts_.in_force.facts, now);
  parts_.aftermath.Follow(desired_);
  Observation seen = Look(now.utc);
  if (left_ && seen.readable) CompareWithLeft(*left_, parts_.ground.Where(), seen);
  std::vector<Finding> findings = seen.findings;
  if (ApplyAll(seen, now)) seen = Look(now.utc);
  KeepBook(findings, now.utc);
  parts_.alarms.Compare(findings, now.utc);
  left_ = seen.readable ? std::optional<Actual>(seen.actual) : std::nullopt;
  parts_.chronicle.Record(desired_, seen, now);
  SayWhatIsLost(seen, now);
  const bool known = seen.readable && !parts_.in_force.IsBlind() && now.utc >= parts_.in_force.facts.not_before;
  if (known) parts_.aftermath.KeepAccounts(now.utc);
  parts_.newcomers.Greet(desired_);
  if (!parts_.in_force.IsBlind()) parts_.sshd.Keep(desired_.managed);
  Sleep(now);
}

void Loop::SayWhatIsLost(const Observation& seen, const Now& now) {
  const auto& in_force = parts_.in_force;
  if (in_force.IsBlind() && (!in_force.unreadable.empty() || !seen.actual.managed.empty())) {
    parts_.alarms.Raise("bundle", (in_force.unreadable.empty() ? kNoBundle : in_force.unreadable) + kRemedy, now.utc);
  } else {
    parts_.alarms.Clear("bundle", now.utc);
  }
  if (now.utc < in_force.facts.not_before) {
    parts_.alarms.Raise("clock", "the clock was set back before " + Rfc3339(in_force.highest) +
                                     ", a time that the controller signed; nothing is granted until it is right or the "
                                     "controller is heard; see: timedatectl", now.utc, EventKind::kHighestTime);
  } else {
    parts_.alarms.Clear("clock", now.utc);
  }
}

// Whatever part of a turn could not write the book, it is found here and tried again within a second.
void Loop::KeepBook(std::vector<Finding>& findings, Instant now) {
  const auto kept = parts_.book.Repair(findings, now);
  book_behind_ = !kept;
  if (kept) return parts_.alarms.Clear(kAboutBook, now);
  parts_.alarms.Raise(kAboutBook, "the reaper cannot be told of open sessions: " + kept.error().Text(), now);
}

Observation Loop::Look(Instant now) const {
  return Observe(parts_.ground, parts_.in_force.traits, parts_.book.Standing(), now);
}

bool Loop::ApplyAll(const Observation& seen, const Now& now) {
  parts_.applier.Begin();
  bool changed = parts_.applier.Clean(seen, now.utc);
  bool failed = false;
  for (const Action& action : Plan(desired_, seen.actual, parts_.applier.Assurance())) {
    // One file that cannot be written keeps no other file and no session open.
    if (failed && !OnlyTakes(action, seen.actual)) continue;
    if (const auto* end = std::get_if<EndSession>(&action)) parts_.aftermath.EndSession(end->session);
    if (const auto* go_on = std::get_if<RebindSession>(&action)) {
      static_cast<void>(parts_.book.Rebind(go_on->session, go_on->grant, go_on->deadline));
    }
    const auto outcome = parts_.applier.Apply(action, seen, now.utc);
    failed = failed || outcome == Applier::Outcome::kFailed;
    changed = changed || outcome != Applier::Outcome::kNothing;
  }
  if (failed) return true;
  return parts_.applier.ApplyBanners(desired_, seen, parts_.host, now.utc) || changed;
}

void Loop::Sleep(const Now& now) {
  next_ = NextChange(parts_.in_force.BundleOrNone(), parts_.in_force.facts, now);
  NextWake wake = next_;
  const auto deadline = NextDeadline(parts_.book.Standing(), now.utc);
  if (deadline && (!wake.utc || *deadline < *wake.utc)) wake.utc = deadline;
  const BootInstant retry = now.boot + kRetry;
  if ((parts_.applier.MustRetry() || book_behind_) && (!wake.boot || retry < *wake.boot)) wake.boot = retry;
  parts_.clockwork.WakeAt(wake);
}

void Loop::Tick() {
  parts_.applier.ForgetFailedCheck();
  parts_.journal.Retry();
  parts_.sshd.Retry();
  Turn();
}

const Desired& Loop::DesiredNow() {
  const Now now = ReadNow();
  if ((next_.utc && *next_.utc <= now.utc) || (next_.boot && *next_.boot <= now.boot)) Turn();
  return desired_;
}

void Loop::Foresee(const Bundle& bundle) {
  const Now now = ReadNow();
  const Desired soon = DesiredState(bundle, parts_.in_force.facts, now);
  if (soon.access.rules.empty() || soon.access.rules == desired_.access.rules) return;
  parts_.applier.CheckAhead(soon.access.rules, Look(now.utc).actual, now.utc);
}

}  // namespace curfew
