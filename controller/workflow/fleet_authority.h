// SPDX-License-Identifier: Apache-2.0
// What the agents' listener asks, answered from the store: who is enrolled, what a host lacks, where its events go.
#pragma once

#include <map>

#include "controller/fleet/authority.h"
#include "controller/workflow/host_condition.h"
#include "controller/workflow/workflow.h"

namespace curfew {

class FleetAuthority final : public Authority {
 public:
  using Clock = std::function<Instant()>;
  FleetAuthority(Workflow& workflow, Clock clock) : workflow_(workflow), clock_(std::move(clock)) {}

  bool MayLink(const HostId& host, const ContentHash& key) override;
  void Connected(const HostId& host, const AgentFacts& facts) override;
  void Changed(const HostId& host, const AgentFacts& facts) override;
  void Disconnected(const HostId& host) override;
  std::vector<std::string> OffersFor(const HostId& host) override;
  Verdict<std::string> TakeBatch(const HostId& host, std::string_view sealed) override;

  [[nodiscard]] bool IsEnrolled(const HostId& host) const;
  [[nodiscard]] bool IsOnline(const HostId& host) const { return links_.contains(host); }
  [[nodiscard]] std::vector<HostId> Online() const;

 private:
  /// What the host at the other end has, as far as is known.
  struct OtherEnd {
    std::uint64_t roles_version = 0;
    std::uint64_t epoch = 0;
    std::uint64_t version = 0;
    std::optional<SentBundle> sent{};
  };
  void KeepFacts(const HostId& host, const AgentFacts* facts);

  Workflow& workflow_;
  Clock clock_;
  std::map<HostId, OtherEnd> links_;
};

}  // namespace curfew
