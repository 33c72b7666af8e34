// SPDX-License-Identifier: Apache-2.0
// The uids of the accounts that a bundle names, looked up beside the loop. An account counts as a user only when the
// ceilings let it hold grants; when the user database cannot say, what was known stays.
#pragma once

#include <set>

#include "agent/enforcer/offers/in_force.h"
#include "agent/enforcer/waker.h"
#include "agent/enforcer/worker.h"

namespace curfew {

class Accounts {
 public:
  Accounts(Worker& slow, Waker& waker, InForce& in_force) : slow_(slow), waker_(waker), in_force_(in_force) {}

  /// What the durable list of managed accounts said, until the user database has answered.
  void Seed(const std::vector<Gated>& managed);
  /// Asks for every name of the bundle in force; wakes the loop when the answer is there.
  void LookUpAll();
  /// Asks for those names of the bundle that were never asked for.
  void LookUpNew();
  /// True once an answer came, or none was needed.
  [[nodiscard]] bool Answered() const { return answered_; }

 private:
  struct Answer {
    AccountName name;
    Result<std::optional<Uid>> uid;
  };
  void LookUp(std::set<AccountName> names);
  void Take(const std::vector<Answer>& answers);

  Worker& slow_;
  Waker& waker_;
  InForce& in_force_;
  std::set<AccountName> asked_;
  bool answered_ = false;
};

}  // namespace curfew
