// SPDX-License-Identifier: Apache-2.0
// Logins that are open when this enforcer first guards an account, after a restart that lost the book, or because it became
// managed. They MUST NOT end by surprise: one that no live grant covers is said aloud, and spared.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "agent/enforcer/sessions/aftermath.h"

namespace curfew {

class Newcomers {
 public:
  struct Parts {
    SessionBook& book;
    const Aftermath& aftermath;
    const CgroupTree& tree;
    FairWorker& ends;
    Journal& journal;
    Waker& waker;
    std::string root;
  };
  explicit Newcomers(Parts parts) : parts_(std::move(parts)) {}

  /// Looks, on the worker, at accounts that were not gated for login when this was last called.
  void Greet(const Desired& desired);
  /// At all that are gated: until now nobody could be told from somebody who came around the gate.
  void GreetAnew(const Desired& desired);

  [[nodiscard]] bool HasGreeted(Uid uid) const { return greeted_.contains(uid); }
  [[nodiscard]] bool Spares(const std::string& scope) const { return spared_.contains(scope); }
  /// Of the account's scopes only these are there still.
  void ForgetGone(Uid uid, const std::vector<std::string>& open);

 private:
  using Scopes = Result<std::vector<std::string>>;
  void Take(const Gated& account, const Scopes& scopes);
  void TakeScope(const Gated& account, const std::string& scope);

  Parts parts_;
  const Desired* desired_ = nullptr;
  std::set<Uid> greeted_;
  std::set<std::string> spared_;  ///< scopes without a grant that were open at the greeting
};

}  // namespace curfew
