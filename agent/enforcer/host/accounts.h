// SPDX-License-Identifier: Apache-2.0
// The uids of the accounts that a bundle names, looked up beside the loop. MUST: that nobody knows an account, or that
// nobody can say, opens no gate and changes no uid; only another uid, or another account under its uid, does.
#pragma once

#include <set>

#include "agent/enforcer/state/in_force.h"
#include "agent/enforcer/wake/waker.h"
#include "agent/enforcer/wake/worker.h"

namespace curfew {

class Accounts {
 public:
  Accounts(Worker& slow, Waker& waker, InForce& in_force) : slow_(slow), waker_(waker), in_force_(in_force) {}

  /// What was known before: the durable list of managed accounts, and the accounts of active grants.
  void Seed(const std::vector<Gated>& managed);
  /// Asks for every name of the bundle in force; wakes the loop when the answer is there.
  void LookUpAll();
  /// Asks for those that were never asked for, were not found, or about which the user database could not say.
  void LookUpMissing();

 private:
  struct Question {
    AccountName name;
    std::optional<Uid> known;
  };
  struct Answer {
    AccountName name;
    Result<std::optional<Uid>> uid;
    bool passed_on = false;  ///< the uid it had is another account's now
  };
  [[nodiscard]] static Answer Ask(const Question& question);
  void LookUp(std::set<AccountName> names);
  void Take(const std::vector<Answer>& answers);
  void ForgetOthers(const std::set<AccountName>& names);
  void Know(const AccountName& name, Uid uid);
  void EndMoved(const AccountName& name, Uid uid);

  Worker& slow_;
  Waker& waker_;
  InForce& in_force_;
  std::set<AccountName> asking_;
  std::set<AccountName> found_;
};

}  // namespace curfew
