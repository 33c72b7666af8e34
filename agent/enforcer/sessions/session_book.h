// SPDX-License-Identifier: Apache-2.0
// The sessions that were opened under grants: in memory, and as /run/curfew/sessions, which the reaper reads. A line
// stays until nothing of the session lives any more.
#pragma once

#include <cstdint>
#include <set>
#include <vector>

#include "agent/enforcer/host/ground.h"
#include "core/plan.h"

namespace curfew {

struct BookedSession {
  Session session;
  std::set<std::uint32_t> audit_sessions;  ///< as the kernel numbers logins; what moved out of the scope keeps it
  bool ending = false;
};

class SessionBook {
 public:
  explicit SessionBook(const Ground& ground) : ground_(ground) {}

  /// What the file of an earlier enforcer says.
  void Load();
  /// Writes it down before the session may go on; the same scope, grant and kind is one line.
  [[nodiscard]] Result<void> Add(const Session& session, std::uint32_t audit_session);
  [[nodiscard]] Result<void> Rebind(const Session& session, const GrantId& grant, Instant deadline);
  [[nodiscard]] Result<void> Remove(const Session& session);
  void SetEnding(const Session& session, bool ending);

  /// Those that are not being ended already.
  [[nodiscard]] std::vector<Session> Standing() const;
  [[nodiscard]] const std::vector<BookedSession>& All() const { return sessions_; }
  /// Puts the file right when it is not what memory says.
  [[nodiscard]] Result<void> Repair(std::vector<Finding>& findings, Instant now);

 private:
  [[nodiscard]] BookedSession* Find(const Session& session);
  [[nodiscard]] Result<void> Write();
  const Ground& ground_;
  std::vector<BookedSession> sessions_;
};

}  // namespace curfew
