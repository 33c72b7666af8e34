// SPDX-License-Identifier: Apache-2.0
// The story of the enforcer (DESIGN §5): whatever the cause, a turn looks at everything, plans the difference, applies it
// one action at a time, records, and sleeps until something can differ.
#pragma once

#include "agent/enforcer/turn/apply.h"
#include "agent/enforcer/turn/chronicle.h"
#include "agent/enforcer/wake/clockwork.h"
#include "agent/enforcer/host/sshd_block.h"
#include "agent/enforcer/sessions/newcomers.h"

namespace curfew {

class Loop {
 public:
  struct Parts {
    InForce& in_force;
    const Ground& ground;
    SessionBook& book;
    Applier& applier;
    Aftermath& aftermath;
    Newcomers& newcomers;
    Chronicle& chronicle;
    Alarms& alarms;
    Clockwork& clockwork;
    SshdBlock& sshd;
  };
  explicit Loop(Parts parts) : parts_(parts) {}

  void Turn();
  /// Once a minute: what failed is tried again, what nobody tells us of is looked at.
  void Tick();
  /// What should be at this very moment; turns first when a deadline has come.
  [[nodiscard]] const Desired& DesiredNow();
  /// A bundle is about to become durable: the check of its rules need not wait for that.
  void Foresee(const Bundle& bundle);
  [[nodiscard]] const Desired& LastDesired() const { return desired_; }

 private:
  [[nodiscard]] Observation Look(Instant now) const;
  /// Where the PAM profile is known to be off, sudo would begin what nobody sees: no rule is desired.
  void HoldSudoBack(Instant now);
  /// Our files, where somebody else changed them since the last turn.
  void NoteForeignChanges(Observation& seen);
  /// What is done with what was seen when nothing more is to be written.
  void FollowUp(Observation& seen, const Now& now);
  void KeepBook(std::vector<Finding>& findings, Instant now);
  [[nodiscard]] bool ApplyAll(const Observation& seen, const Now& now);
  void Sleep(const Now& now);

  Parts parts_;
  Desired desired_;
  std::optional<Actual> left_;  ///< what the last turn left behind
  NextWake next_;
  bool book_behind_ = false;  ///< the sessions' file could not be written
};

}  // namespace curfew
