// SPDX-License-Identifier: Apache-2.0
// Keeps 00-curfew.conf what the managed accounts ask for, on a host that has opted in by having it, and knows whom sshd has
// taken up. MUST: change nothing for root and for accounts that are not managed; change nothing, and raise an alarm, when
// sshd refuses our text or somebody else's.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "agent/enforcer/state/alarms.h"
#include "agent/enforcer/wake/waker.h"
#include "agent/enforcer/wake/worker.h"
#include "agent/paths.h"
#include "core/desired.h"

namespace curfew {

class SshdBlock {
 public:
  SshdBlock(Paths paths, Worker& slow, Alarms& alarms, Waker& waker)
      : paths_(std::move(paths)), slow_(slow), alarms_(alarms), waker_(waker) {}

  /// Begins a change when the file, or what sshd was told of it, is not what it should be; called each turn.
  void Keep(const std::vector<Gated>& managed);
  /// Accounts managed for login that sshd still lets in by their own keys: our block, where there is one, does not name
  /// them yet, or sshd has not read it. Their grants are not served yet either.
  [[nodiscard]] std::set<AccountName> Unbound(const std::vector<Gated>& managed) const;
  /// What failed may be tried again.
  void Retry() { failed_.clear(); }

 private:
  void Take(const std::string& text, const Result<std::string>& placed);

  Paths paths_;
  Worker& slow_;
  Alarms& alarms_;
  Waker& waker_;
  bool opted_in_ = false;
  bool busy_ = false;
  std::string told_;    ///< the text that sshd has read
  std::string failed_;  ///< the text that could not be placed
};

}  // namespace curfew
