// SPDX-License-Identifier: Apache-2.0
// One question to the enforcer over link.sock, from a program that may wait: sent, answered, closed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/result.h"
#include "core/time.h"

namespace curfew {

/// A live grant as the enforcer tells it.
struct StatusGrant {
  std::string id;
  std::string account;
  bool login = false;
  std::string sudo;  ///< "", "all", or commands one a line
  Instant until;
};

/// What the enforcer says of itself.
struct HostStatus {
  std::string host_id;
  bool enrolled = false;
  bool link = false;
  std::string mode;
  std::uint64_t epoch = 0;
  std::uint64_t version = 0;
  std::uint64_t roles_version = 0;
  Instant highest_time;
  std::vector<StatusGrant> grants;
  std::uint64_t proofs_owed = 0;  ///< grants that ended and whose receipt is not durable yet
  std::uint64_t spool_depth = 0;
  std::uint64_t spool_seq = 0;
  std::string spool_head;
  std::string sudo;
  std::string sshd;
  std::vector<std::string> alarms;
};

/// The controller has all that this host has to say.
[[nodiscard]] inline bool IsSettled(const HostStatus& status) { return status.proofs_owed == 0 && status.spool_depth == 0; }

class EnforcerClient {
 public:
  explicit EnforcerClient(std::string path, Millis limit = Millis{20000}) : path_(std::move(path)), limit_(limit) {}

  [[nodiscard]] Result<HostStatus> Status() const;
  /// Hands over sealed bytes; kRefused with the verdict's reason when it says no.
  [[nodiscard]] Result<void> Offer(const std::string& sealed) const;
  /// Ends every grant now; the answer comes when that is durable, or says why it is not yet (empty: it is). It holds either way.
  [[nodiscard]] Result<std::string> RevokeAll() const;
  /// Waits until the controller has every proof and event of this host; gives back the last status, settled or not. Without a
  /// link it does not wait for long.
  [[nodiscard]] Result<HostStatus> AwaitDelivery(Seconds limit) const;

 private:
  std::string path_;
  Millis limit_;
};

}  // namespace curfew
