// SPDX-License-Identifier: Apache-2.0
// What follows the end of a grant: its sessions, the user's own service manager, sudo's tickets, and two more looks, for a
// scope can appear a moment after the gate answered.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <map>
#include <set>
#include <vector>

#include "agent/enforcer/offers/in_force.h"
#include "agent/enforcer/state/journal.h"
#include "agent/enforcer/sessions/session_book.h"
#include "agent/enforcer/sessions/session_end.h"
#include "agent/enforcer/waker.h"

namespace curfew {

class Aftermath {
 public:
  struct Parts {
    boost::asio::io_context& loop;
    const Paths& paths;
    SessionBook& book;
    SessionEnder& ender;
    const CgroupTree& tree;
    Journal& journal;
    Waker& waker;
  };
  explicit Aftermath(Parts parts) : parts_(parts) {}

  /// Ends a session of the book; its line goes when nothing of it is left.
  void EndSession(const Session& session);
  /// Ends the account's service manager and everything in it.
  void EndUserService(const GrantId& grant, Uid uid);
  /// Takes away sudo's record that this account has given its password, in all spellings.
  void RemoveTickets(const AccountName& account, Uid uid) const;
  /// Looks again at one and at five seconds for sessions of this account that nobody booked.
  void LookAgain(const GrantId& grant, Uid uid);
  /// Sessions of the book of which nothing lives any more are struck out.
  void StrikeOut();

  /// False while something of the grant is being ended; what five seconds did not end is a survivor and not waited for.
  [[nodiscard]] bool IsQuiet(const GrantId& grant) const;
  /// What outlived it, as far as it still lives.
  [[nodiscard]] std::vector<Survivor> SurvivorsOf(const GrantId& grant) const;
  void Forget(const GrantId& grant) { survivors_.erase(grant); }
  /// Says whether an account may be logged in now; asked before an unbooked session is ended.
  void SetMayBeIn(std::function<bool(Uid)> may_be_in) { may_be_in_ = std::move(may_be_in); }

 private:
  void Run(const BookedSession& booked, bool in_book);
  void Take(const EndedSession& ended, bool in_book);
  void Settle(const EndedSession& ended);
  void TryLater(const Session& session);
  [[nodiscard]] bool IsScopeEnding(const std::string& scope) const;
  void Look(const GrantId& grant, Uid uid);

  Parts parts_;
  std::function<bool(Uid)> may_be_in_;
  std::multiset<GrantId> running_;
  std::set<std::string> stuck_;  ///< scopes that could not be ended yet, and were told of
  std::map<GrantId, std::vector<Survivor>> survivors_;
};

}  // namespace curfew
