// SPDX-License-Identifier: Apache-2.0
// Logins that nobody asked the gate about and that began after the account was greeted: they came around it, by another name of
// the uid, which neither sshd's block nor PAM knows, or past PAM. MUST end them; nobody who is on the way in is one.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "agent/enforcer/sessions/newcomers.h"

namespace curfew {

class Strangers {
 public:
  struct Parts {
    boost::asio::io_context& loop;
    SessionBook& book;
    Newcomers& newcomers;
    const CgroupTree& tree;
    FairWorker& ends;
    Worker& slow;
    Journal& journal;
    std::string root;
  };
  explicit Strangers(Parts parts) : parts_(std::move(parts)), again_(parts_.loop) {}

  /// Looks at all that are gated. Where PAM does not ask us of each login (`asked`), none can be told apart: once it does, all
  /// that is open is greeted.
  void LookAround(const Desired& desired, bool asked);

 private:
  using Scopes = Result<std::vector<std::string>>;
  void Judge(const Gated& account, const Scopes& scopes);
  void Suspect(const Gated& account, const std::string& scope);
  void EndStranger(const Gated& account, const std::string& scope);

  Parts parts_;
  const Desired* desired_ = nullptr;
  std::map<Uid, std::map<std::string, BootInstant>> suspects_;  ///< scopes in no book, and since when that was seen
  std::set<std::string> told_;    ///< those whose end was recorded
  bool asked_ = false;
  boost::asio::steady_timer again_;
};

}  // namespace curfew
