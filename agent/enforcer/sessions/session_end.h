// SPDX-License-Identifier: Apache-2.0
// Ends what a session runs, and nothing else: its own scope whole where it has one, else process by process. MUST kill a
// control group only when it is the session's or user service's of that very uid.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <optional>
#include <vector>

#include "agent/enforcer/sessions/search.h"
#include "agent/enforcer/sessions/session_book.h"
#include "agent/enforcer/wake/fair_worker.h"
#include "core/bundle.h"
#include "os/cgroup.h"

namespace curfew {

struct EndedSession {
  Session session;
  bool gone = false;                   ///< nothing of it lives where it ran
  bool seen = true;                    ///< false: it could not be looked at, so nothing can be said of it
  std::optional<Instant> told;         ///< when the end was said on its terminals, where it had any
  Survivors survivors;                 ///< what lives all the same, there or elsewhere
};

class SessionEnder {
 public:
  using Done = std::function<void(EndedSession)>;
  struct Parts {
    boost::asio::io_context& loop;
    const CgroupTree& tree;
    FairWorker& ends;  ///< what reads /proc and waits for processes
    Worker& slow;  ///< the bus
    std::string root;
  };

  explicit SessionEnder(Parts parts) : parts_(std::move(parts)) {}

  /// Tells the person, ends the session and looks; `done` comes within six seconds, never from inside End. `sudo_lives`: a live
  /// grant allows the account some sudo.
  void End(const BookedSession& booked, bool sudo_lives, Done done);

 private:
  Parts parts_;
};

}  // namespace curfew
