// SPDX-License-Identifier: Apache-2.0
// Logins that are open on an account when this enforcer first guards it: after a restart that lost the book, or because the
// account became managed. MUST: end none of them by surprise; one that no live grant covers is said aloud.
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

 private:
  void Take(const Gated& account, const Result<std::vector<std::string>>& scopes);
  void TakeScope(const Gated& account, const std::string& scope);

  Parts parts_;
  const Desired* desired_ = nullptr;
  std::set<Uid> greeted_;
};

}  // namespace curfew
