// SPDX-License-Identifier: Apache-2.0
// What the agents' listener asks, answered from the store: who is enrolled, what a host lacks, where its events go.
#pragma once

#include <map>

#include "controller/fleet/authority.h"
#include "controller/workflow/host_condition.h"
#include "controller/workflow/reject_room.h"
#include "controller/workflow/workflow.h"

namespace curfew {

class FleetAuthority final : public Authority {
 public:
  using Clock = std::function<Now()>;
  FleetAuthority(Workflow& workflow, Clock clock) : workflow_(workflow), clock_(std::move(clock)) {}

  bool MayLink(const HostId& host, const ContentHash& key) override;
  void Connected(const HostId& host, const AgentFacts& facts) override;
  void Changed(const HostId& host, const AgentFacts& facts) override;
  void Disconnected(const HostId& host) override;
  std::vector<std::string> OffersFor(const HostId& host) override;
  Verdict<TakenBatch> TakeBatch(const HostId& host, std::string_view sealed) override;

  [[nodiscard]] bool IsEnrolled(const HostId& host) const;
  [[nodiscard]] bool IsOnline(const HostId& host) const { return links_.contains(host); }
  [[nodiscard]] std::vector<HostId> Online() const;

 private:
  struct Holding {
    std::uint64_t roles = 0;
    std::pair<std::uint64_t, std::uint64_t> bundle{};  ///< epoch and version
  };
  /// What the host at the other end has.
  struct OtherEnd {
    Holding said{};   ///< by its own last word
    Holding given{};  ///< when all that was sent has arrived
    std::optional<SentBundle> sent{};
  };
  void KeepFacts(const HostId& host, const AgentFacts* facts);
  void RecordFault(const HostId& host, const Deny& deny);

  Workflow& workflow_;
  Clock clock_;
  std::map<HostId, OtherEnd> links_;
  std::map<HostId, RejectRoom> faults_;  ///< of hosts that are enrolled, or were meanwhile
};

}  // namespace curfew
