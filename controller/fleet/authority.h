// SPDX-License-Identifier: Apache-2.0
// What the agents' listener asks of the controller: who is enrolled, what a host should be sent, where its batches go.
// The listener carries sealed bytes; whoever implements this decides.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/agent_facts.h"
#include "core/names.h"
#include "core/verdict.h"

namespace curfew {

/// What came of a batch that was not refused.
struct TakenBatch {
  std::string delivered;  ///< sealed, to send back
  bool fresh = false;     ///< it held something that was not kept before
};

class Authority {
 public:
  virtual ~Authority() = default;
  /// False for a host that is unknown or was removed (and has heard so), and for any key but that of its newest join:
  /// the handshake is refused.
  [[nodiscard]] virtual bool MayLink(const HostId& host, const ContentHash& key) = 0;
  /// A link is up; any older link of the same host is closed by the listener.
  virtual void Connected(const HostId& host, const AgentFacts& facts) = 0;
  /// The same link says that its host is other than it said before; it may lack something now.
  virtual void Changed(const HostId& host, const AgentFacts& facts) = 0;
  virtual void Disconnected(const HostId& host) = 0;
  /// Sealed envelopes that the host lacks, in the order to send: roles, revocations, bundle.
  [[nodiscard]] virtual std::vector<std::string> OffersFor(const HostId& host) = 0;
  /// Verifies and keeps a batch. A refusal closes the link and is recorded.
  [[nodiscard]] virtual Verdict<TakenBatch> TakeBatch(const HostId& host, std::string_view sealed) = 0;
};

}  // namespace curfew
