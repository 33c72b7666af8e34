// SPDX-License-Identifier: Apache-2.0
// The only way in for what somebody signed: verify, accept, make durable, adopt, wake, in this order, one offer at a time.
// MUST: nothing of an offer counts before its signature held, nothing is given before it is on the disk, and what is taken
// away goes whether or not the disk takes it.
#pragma once

#include <deque>
#include <functional>
#include <string>

#include "agent/enforcer/state/alarms.h"
#include "agent/enforcer/state/in_force.h"
#include "agent/enforcer/state/journal.h"
#include "agent/enforcer/state/refusals.h"

namespace curfew {

class Intake {
 public:
  /// Empty reason: accepted.
  using Answer = std::function<void(const std::optional<Deny>&)>;
  struct Parts {
    InForce& in_force;
    Journal& journal;
    Refusals& refusals;
    Alarms& alarms;
    Worker& disk;
    std::shared_ptr<StateFile> store;
    std::function<void(const Bundle&)> foresee;                       ///< signed and fitting, not durable yet
    std::function<void(const std::vector<GrantId>& intended)> adopted;  ///< in force now; what it newly intends
    std::function<void()> roles_adopted;                              ///< other keys and ceilings count from now on
    std::function<void(std::uint64_t)> delivered;                     ///< the controller keeps all up to here
  };
  explicit Intake(Parts parts) : parts_(std::move(parts)) {}

  /// `answer` comes when the offer is durable, or refused.
  void Offer(std::string sealed, Answer answer);
  /// Ends every grant of this host here and now, by root's word. A refusal says that it is not durable yet: it holds, and
  /// is written down as soon as the disk takes it.
  void RevokeAll(Answer answer);

 private:
  struct Pending {
    std::string sealed;
    Answer answer;
  };
  void Next();
  void Finish(const std::optional<Deny>& deny);
  void Take(Purpose purpose, const std::string& sealed);
  void TakeRoles(const std::string& sealed);
  void TakeBundle(const std::string& sealed);
  void TakeRevocation(const std::string& sealed);
  void TakeDelivered(const std::string& sealed);
  /// What the spool says about an event that the controller claims to hold.
  struct Kept {
    Result<ContentHash> hash;
    bool may_go_on = false;
  };
  void CommitDelivered(const AcceptedDelivered& accepted, const Kept& ours);
  void GoOnAfter(const Delivered& delivered);
  void JudgeTime(const AcceptedDelivered& accepted, const Now& now);
  void EndHere(const std::vector<EndedGrant>& ends, Journal::Done done);
  void KeepEnds(const std::vector<EndedGrant>& ends);
  void Obey(const std::vector<EndedGrant>& ends);
  [[nodiscard]] Verdict<Verified> VerifyFor(Purpose purpose, const std::string& sealed) const;

  Parts parts_;
  std::deque<Pending> waiting_;
  bool busy_ = false;
};

}  // namespace curfew
