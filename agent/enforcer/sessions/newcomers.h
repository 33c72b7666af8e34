// SPDX-License-Identifier: Apache-2.0
// Logins that nobody asked the gate about. Those that are open when this enforcer first guards an account (after a restart that
// lost the book, or because it became managed) MUST NOT end by surprise: one that no live grant covers is said aloud. One that
// began later came around the gate (another name of the uid, which neither sshd's block nor PAM knows) and MUST end.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "agent/enforcer/sessions/aftermath.h"

namespace curfew {

class Newcomers {
 public:
  struct Parts {
    boost::asio::io_context& loop;
    SessionBook& book;
    const Aftermath& aftermath;
    const CgroupTree& tree;
    FairWorker& ends;
    Worker& slow;
    Journal& journal;
    Waker& waker;
    std::string root;
  };
  explicit Newcomers(Parts parts) : parts_(parts), again_(parts.loop) {}

  /// Looks, on the worker, at accounts that were not gated for login when this was last called.
  void Greet(const Desired& desired);
  /// Looks for logins that came around the gate. Where PAM does not ask us of each login (`asked`), none can be told apart:
  /// once it does, all that is open is greeted.
  void LookAround(const Desired& desired, bool asked);

 private:
  using Scopes = Result<std::vector<std::string>>;
  template <class Then>
  void Find(const Gated& account, Then then);
  void Take(const Gated& account, const Scopes& scopes);
  void TakeScope(const Gated& account, const std::string& scope);
  void Judge(const Gated& account, const Scopes& scopes);
  void KeepSpared(Uid uid, const std::vector<std::string>& open);
  void Suspect(const Gated& account, const std::string& scope);
  void EndStranger(const Gated& account, const std::string& scope);

  Parts parts_;
  const Desired* desired_ = nullptr;
  std::set<Uid> greeted_;
  std::set<std::string> spared_;  ///< scopes without a grant that were open at the greeting
  std::map<Uid, std::map<std::string, BootInstant>> suspects_;  ///< scopes in no book, and since when that was seen
  std::set<std::string> told_;    ///< those whose end was recorded
  bool asked_ = false;
  boost::asio::steady_timer again_;
};

}  // namespace curfew
