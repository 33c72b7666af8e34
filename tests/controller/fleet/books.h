// SPDX-License-Identifier: Apache-2.0
// An Authority that keeps its books in memory, with real keys: batches are verified by core, receipts are sealed. It
// notes what the listener asked of it, so that tests can say what must and must not have happened.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "controller/fleet/authority.h"
#include "core/codec.h"
#include "core/signature.h"

namespace curfew::test {

class Books final : public Authority {
 public:
  Books() : audit_(PrivateKey::Generate().value()), lease_(PrivateKey::Generate().value()) {}

  [[nodiscard]] bool MayLink(const HostId& host, const ContentHash& key) override {
    const auto tied = keys.find(host);
    return enrolled.contains(host) && (tied == keys.end() || tied->second == key);
  }
  void Connected(const HostId& host, const AgentFacts& facts) override {
    online.insert(host);
    seen.push_back(facts);
  }
  void Changed(const HostId& host, const AgentFacts& facts) override {
    EXPECT_TRUE(online.contains(host));
    seen.push_back(facts);
  }
  void Disconnected(const HostId& host) override {
    online.erase(host);
    ++disconnected;
  }
  [[nodiscard]] std::vector<std::string> OffersFor(const HostId& host) override { return offers[host]; }
  [[nodiscard]] Verdict<TakenBatch> TakeBatch(const HostId& host, std::string_view sealed) override;

  /// A real enforcer's audit key and the lease key that it trusts, instead of fresh ones.
  void UseKeys(PrivateKey audit, PrivateKey lease) {
    audit_ = std::move(audit);
    lease_ = std::move(lease);
  }

  /// A batch of one event, as host's enforcer would seal it.
  [[nodiscard]] std::string Batch(const HostId& host, std::uint64_t seq) const { return BatchBy(audit_, host, seq); }
  [[nodiscard]] static std::string BatchBy(const PrivateKey& key, const HostId& host, std::uint64_t seq);
  [[nodiscard]] Role LeaseRole() const { return Role{1, {lease_.Public()}}; }

  std::set<HostId> enrolled;
  std::map<HostId, ContentHash> keys;  ///< of a host that is not here any key is good
  std::map<HostId, std::vector<std::string>> offers;
  std::set<HostId> online;
  std::vector<AgentFacts> seen;
  std::vector<Event> kept;
  std::vector<Reason> refused;
  int disconnected = 0;

 private:
  [[nodiscard]] Verdict<TakenBatch> Refuse(Reason reason);
  PrivateKey audit_;
  PrivateKey lease_;
};

}  // namespace curfew::test
