// SPDX-License-Identifier: Apache-2.0
// Keeps 00-curfew.conf what the managed accounts ask for, on a host that has opted in by having it. MUST: change nothing
// for root and for accounts that are not managed; leave the earlier text when sshd refuses ours; touch nothing and raise
// an alarm when sshd refuses somebody else's.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "agent/enforcer/alarms.h"
#include "agent/paths.h"
#include "agent/enforcer/host/sshd_proof.h"
#include "agent/enforcer/waker.h"
#include "agent/enforcer/worker.h"
#include "core/desired.h"

namespace curfew {

class SshdBlock {
 public:
  SshdBlock(Paths paths, Programs& programs, Worker& slow, Alarms& alarms, Waker& waker)
      : paths_(std::move(paths)), proof_(programs, paths_.SshdProgram(), paths_.SshdConfig()), slow_(slow), alarms_(alarms), waker_(waker) {}

  /// Begins a change when the file is not what it should be; called each turn.
  void Keep(const std::vector<Gated>& managed);
  /// What failed may be tried again.
  void Retry();

 private:
  struct Change {
    std::string before;
    std::string after;
    std::vector<std::string> watched;   ///< root and an account that is not managed
    std::vector<std::string> confined;  ///< managed for login
    std::vector<std::string> baseline;
  };
  void Begin(Change change);
  void Replace();
  void Judge(const Result<std::vector<std::string>>& settings);
  void Reload();
  void GiveUp(const std::string& why);
  [[nodiscard]] Result<void> Put(const std::string& text) const;

  Paths paths_;
  SshdProof proof_;
  Worker& slow_;
  Alarms& alarms_;
  Waker& waker_;
  std::optional<Change> change_;
  std::string failed_;
  bool unread_ = false;  ///< the text is in place, but sshd was not told
};

}  // namespace curfew
