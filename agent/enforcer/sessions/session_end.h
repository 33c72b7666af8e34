// SPDX-License-Identifier: Apache-2.0
// Ends what a session runs, and nothing else: its own scope whole where it has one, else process by process. MUST kill a
// control group only when it is the session's or user service's of that very uid.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <optional>
#include <set>
#include <vector>

#include "agent/enforcer/sessions/session_book.h"
#include "agent/enforcer/worker.h"
#include "core/bundle.h"
#include "os/cgroup.h"
#include "os/process.h"

namespace curfew {

struct EndedSession {
  Session session;
  bool gone = false;                   ///< nothing of it lives where it ran
  std::optional<Instant> told;         ///< when the end was said on its terminals, where it had any
  std::vector<Survivor> survivors;     ///< what lives all the same, there or elsewhere
};

class SessionEnder {
 public:
  using Done = std::function<void(EndedSession)>;

  SessionEnder(boost::asio::io_context& loop, const CgroupTree& tree, Worker& slow) : loop_(loop), tree_(tree), slow_(slow) {}

  /// Tells the person, ends the session and looks; `done` comes within six seconds, never from inside End.
  void End(const BookedSession& booked, Done done);

 private:
  boost::asio::io_context& loop_;
  const CgroupTree& tree_;
  Worker& slow_;
};

/// Processes of one session that must not live on after it.
[[nodiscard]] std::vector<ProcessFacts> TargetsOf(const Session& session, const std::vector<ProcessFacts>& inside);

/// Processes with one of these audit sessions that are in another control group than `scope`; for a sudo session only those
/// that run as somebody else.
[[nodiscard]] std::vector<Survivor> FindElsewhere(const Session& session, const std::set<std::uint32_t>& audit_sessions);

}  // namespace curfew
