// SPDX-License-Identifier: Apache-2.0
// The sessions that were opened under grants, and the accounts that have grants: in memory, and as /run/curfew/sessions,
// which the reaper reads. A line stays until nothing of the session lives any more.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <vector>

#include "agent/enforcer/host/ground.h"
#include "core/plan.h"
#include "core/time.h"

namespace curfew {

struct BookedSession {
  Session session;
  std::set<std::uint32_t> audit_sessions;  ///< as the kernel numbers logins; what moved out of the scope keeps it
  bool ending = false;
  bool among_logins = false;               ///< of a sudo: people also log in where it runs
  std::optional<BootInstant> last_opened{};  ///< the last time one was; nothing where an earlier enforcer wrote the line
};

class SessionBook {
 public:
  explicit SessionBook(const Ground& ground) : ground_(ground) {}

  /// What the file of an earlier enforcer says: each line that can be read. The error names what could not.
  [[nodiscard]] Result<void> Load();
  /// Writes it down before the session may go on; the same scope, grant and kind is one line. On an error it is in memory,
  /// and Repair writes it later.
  [[nodiscard]] Result<void> Add(const Session& session, std::uint32_t audit_session);
  [[nodiscard]] Result<void> Rebind(const Session& session, const GrantId& grant, Instant deadline);
  [[nodiscard]] Result<void> Remove(const Session& session);
  void SetEnding(const Session& session, bool ending);
  /// The lines for accounts (IsAccountLine) from now on.
  [[nodiscard]] Result<void> SetAccounts(std::vector<Session> accounts);

  /// Those that are not being ended already.
  [[nodiscard]] std::vector<Session> NotEnding() const;
  [[nodiscard]] const std::vector<BookedSession>& All() const { return sessions_; }
  [[nodiscard]] const std::vector<Session>& Accounts() const { return accounts_; }
  [[nodiscard]] bool HasLogin(const std::string& scope) const;
  /// Puts the file right when it is not what memory says.
  [[nodiscard]] Result<void> Repair(std::vector<Finding>& findings, Instant now);

 private:
  [[nodiscard]] BookedSession* LineFor(const Session& session);
  [[nodiscard]] std::vector<Session> Lines() const;
  [[nodiscard]] Result<void> Write();
  void NoteLogins();
  const Ground& ground_;
  std::vector<BookedSession> sessions_;
  std::vector<Session> accounts_;
  bool behind_ = false;  ///< the file could not be written: that it differs is our own doing
};

}  // namespace curfew
