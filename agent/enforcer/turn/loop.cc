// SPDX-License-Identifier: Apache-2.0
// wake → desired → observe → say what others changed → plan and apply → keep the book of sessions → alarms → follow up (sshd's
// block, the record, what is lost, accounts and newcomers) → sleep.
#include "agent/enforcer/turn/loop.h"

#include "agent/enforcer/turn/losses.h"
#include "agent/host_settings/pam_profile.h"
#include "os/machine.h"

namespace curfew {
namespace {

constexpr const char* kAboutBook = "sessions";
constexpr const char* kAboutPam = "pam profile";

}  // namespace

void Loop::Turn() {
  const Now now = ReadNow();
  desired_ = DesiredState(parts_.in_force.BundleOrNone(), parts_.in_force.facts, now);
  HoldSudoBack(now.utc);
  parts_.aftermath.Follow(desired_);
  Observation seen = Look(now.utc);
  if (seen.readable) NoteForeignChanges(seen);
  std::vector<Finding> findings = seen.findings;
  if (ApplyAll(seen, now)) seen = Look(now.utc);
  KeepBook(findings, now.utc);
  parts_.alarms.Compare(findings, now.utc);
  left_ = seen.readable ? std::optional<Actual>(seen.actual) : std::nullopt;
  FollowUp(seen, now);
  Sleep(now);
}

void Loop::HoldSudoBack(Instant now) {
  const auto flaw = FlawOfProfile(parts_.ground.Where());
  if (!flaw || flaw->empty()) return parts_.alarms.Clear(kAboutPam, now);
  parts_.alarms.Raise(kAboutPam, *flaw + ", so nobody sees what sudo begins: no sudo rule is given; run: curfew-agent setup pam", now);
  parts_.chronicle.NoteUnseen();
  desired_.access.rules.clear();
}

void Loop::NoteForeignChanges(Observation& seen) {
  if (!left_) return;
  if (parts_.applier.Managed().HasWritten(seen.actual.managed)) left_->managed = seen.actual.managed;
  CompareWithLeft(*left_, parts_.ground.Where(), seen);
}

void Loop::FollowUp(Observation& seen, const Now& now) {
  if (!parts_.in_force.IsBlind()) parts_.sshd.Keep(desired_.managed);
  seen.unbound = parts_.sshd.Unbound(desired_.managed);
  parts_.chronicle.Record(desired_, seen, now);
  SayWhatIsLost(parts_.in_force, !seen.actual.managed.empty(), parts_.alarms, now);
  const bool known = seen.readable && !parts_.in_force.IsBlind() && now.utc >= parts_.in_force.facts.not_before;
  if (known) parts_.aftermath.KeepAccounts(now.utc);
  parts_.newcomers.Greet(desired_);
}

// Whatever part of a turn could not write the book, it is found here and tried again within a second.
void Loop::KeepBook(std::vector<Finding>& findings, Instant now) {
  const auto kept = parts_.book.Repair(findings, now);
  book_behind_ = !kept;
  if (kept) return parts_.alarms.Clear(kAboutBook, now);
  parts_.alarms.Raise(kAboutBook, "the reaper cannot be told of open sessions: " + kept.error().Text(), now);
}

Observation Loop::Look(Instant now) const {
  return Observe(parts_.ground, parts_.in_force.traits, parts_.book.NotEnding(), now);
}

bool Loop::ApplyAll(const Observation& seen, const Now& now) {
  parts_.applier.Begin();
  bool changed = parts_.applier.Clean(seen, now.utc);
  // One file that cannot be written keeps no other file and no session open; and whoever is given something while the list that
  // guards them is on its way would log in unasked and unbooked.
  bool may_give = !parts_.applier.Managed().IsWriting();
  for (const Action& action : Plan(desired_, seen.actual, parts_.applier.Assurance())) {
    if (!may_give && !OnlyTakes(action, seen.actual)) continue;
    const auto outcome = parts_.applier.Apply(action, seen, now.utc);
    may_give = may_give && outcome != Applier::Applied::kFailed && !parts_.applier.Managed().IsWriting();
    changed = changed || outcome != Applier::Applied::kNothing;
  }
  return (may_give && parts_.applier.ApplyBanners(desired_, seen, now.utc)) || changed;
}

void Loop::Sleep(const Now& now) {
  next_ = NextChange(parts_.in_force.BundleOrNone(), parts_.in_force.facts, now);
  NextWake wake = next_;
  const auto deadline = NextDeadline(parts_.book.NotEnding(), now.utc);
  if (deadline && (!wake.utc || *deadline < *wake.utc)) wake.utc = deadline;
  const BootInstant retry = now.boot + kRetry;
  if ((parts_.applier.MustRetry() || book_behind_) && (!wake.boot || retry < *wake.boot)) wake.boot = retry;
  parts_.clockwork.WakeAt(wake);
}

void Loop::Tick() {
  parts_.applier.ForgetFailedCheck();
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
