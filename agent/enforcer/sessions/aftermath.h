// SPDX-License-Identifier: Apache-2.0
// What follows the end of a grant: its sessions, what they left elsewhere, sudo's tickets; looked for at once and again at one
// and five seconds, for a scope can appear a moment after the gate answered. MUST: nothing of a grant is quiet before the
// last look, nor while something could not be looked at.
#pragma once

#include <boost/asio/io_context.hpp>
#include <map>
#include <set>
#include <vector>

#include "agent/enforcer/state/alarms.h"
#include "agent/enforcer/sessions/over_grant.h"
#include "agent/enforcer/sessions/search.h"
#include "agent/enforcer/sessions/session_book.h"
#include "agent/enforcer/sessions/session_end.h"
#include "agent/enforcer/sessions/whose_sudo.h"
#include "agent/enforcer/wake/waker.h"
#include "core/desired.h"

namespace curfew {

class Aftermath {
 public:
  struct Parts {
    boost::asio::io_context& loop;
    const Paths& paths;
    SessionBook& book;
    SessionEnder& ender;
    const CgroupTree& tree;
    FairWorker& ends;
    Journal& journal;
    Alarms& alarms;
    Waker& waker;
  };
  explicit Aftermath(Parts parts) : parts_(parts) {}

  /// A turn has begun: what should be from now on, kept up to date in its place. Sessions of the book of which nothing lives
  /// any more are struck out.
  void Follow(const Desired& desired);
  /// Ends a session of the book; its line goes when nothing of it is left.
  void EndSession(const Session& session);
  /// A grant is in place: what began on its account before is not of it.
  void NoteActive(Uid uid, BootInstant now);
  /// Begins the looks after a grant's end, or begins them anew.
  void Begin(const OverGrant& grant);
  /// Takes away sudo's record that this account has given its password, in all spellings.
  void RemoveTickets(const AccountName& account, Uid uid) const;
  /// The lines for accounts follow the live grants, and stay while one is being looked after.
  void KeepAccounts(Instant now);

  /// A grant of this account is being looked after.
  [[nodiscard]] bool IsAwaited(Uid uid) const;
  [[nodiscard]] bool HasBegun(const GrantId& grant) const { return over_.contains(grant); }
  /// True after the last look, when nothing of the grant is being ended; what five seconds did not end is a survivor.
  [[nodiscard]] bool IsQuiet(const GrantId& grant) const;
  /// What outlived it, as far as it still lives.
  [[nodiscard]] Survivors SurvivorsOf(const GrantId& grant) const;
  /// Its receipt is written; what could not be ended is tried again all the same.
  void Forget(const GrantId& grant);

 private:
  struct Asker {
    GrantId grant;
    bool retry = false;
  };
  struct Over {
    OverGrant grant;
    int looks = 0;          ///< of the three, still to come or under way
    bool retrying = false;  ///< one more, because something could not be ended or looked at
    bool blind = false;     ///< the last one could not look everywhere: nothing can be signed
    bool proved = false;
    Survivors survivors{};
    BootInstant since{};    ///< when the looks began: what is started later is not of it
    std::set<ProcessId> spared{};  ///< by the last look, as started later
  };

  void StrikeOut();
  /// Nobody knows which grant's sudo a session is: without one that allows all that this one did, those end with it that may be its.
  void TakeSudos(const Over& over);
  [[nodiscard]] bool IsSudoOver(const OverGrant& grant) const;
  void Run(const BookedSession& booked, bool in_book);
  void Take(const EndedSession& ended, bool in_book);
  void Settle(const EndedSession& ended);
  void TryLater(const Session& session);
  void LookIn(const GrantId& grant, Seconds wait, bool retry);
  void AskForSearch(const GrantId& grant, bool retry);
  void SearchFor(Uid uid);
  void TakeFound(Over& over, const Found& found, bool retry);
  void SayWhatIsWrong(const Over& over, const Found& found) const;
  void Retry(Over& over);
  /// A sudo session in the scope of a login that is being ended whole.
  [[nodiscard]] bool EndsWithLogin(const Session& session) const;

  Parts parts_;
  const Desired* desired_ = nullptr;
  std::multiset<GrantId> running_;
  std::set<std::string> unbooked_;  ///< scopes that are being ended and are in no book
  std::set<std::string> stuck_;     ///< scopes that could not be ended yet, and were told of
  std::map<std::string, GrantId> unseen_;  ///< scopes of which nothing can be said
  std::map<GrantId, Over> over_;
  std::map<Uid, std::vector<Asker>> asking_;  ///< grants that end together are looked after by one search
  std::map<GrantId, Survivors> survivors_;  ///< of sessions
  std::map<Uid, BootInstant> active_since_;
  WhoseSudo whose_;
};

}  // namespace curfew
