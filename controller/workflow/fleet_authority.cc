// SPDX-License-Identifier: Apache-2.0
// The listener's questions.
#include "controller/workflow/fleet_authority.h"

#include "controller/workflow/enrolment.h"
#include "controller/workflow/host_events.h"

namespace curfew {
namespace {

// More than these are left to the bundle, which has them all: a host lets no more than 64 offers wait for its disk.
constexpr std::int64_t kMostRevocations = 32;

// Each is an alarm, of a host whose line is closed: ten at once, six an hour.
constexpr RejectRoom::Terms kFaults{10, Seconds{600}};

// A link is no part of what is trusted: its words are shown to people, so they are cut and escaped here.
std::string Shown(std::string_view text) { return Escaped(text.substr(0, 128)); }

AgentFacts Shown(const AgentFacts& facts) {
  AgentFacts shown = facts;
  shown.agent_version = Shown(facts.agent_version);
  shown.sudo = Shown(facts.sudo);
  shown.sshd = Shown(facts.sshd);
  shown.layers.clear();
  for (const auto& layer : facts.layers) {
    if (shown.layers.size() < 16) shown.layers.push_back(Shown(layer));
  }
  return shown;
}

}  // namespace

bool FleetAuthority::MayLink(const HostId& id, const ContentHash& key) {
  const auto host = workflow_.Kept().FindHost(id);
  return host && IsHeard(*host) && host->link_key.value_or(key) == key;
}

bool FleetAuthority::IsEnrolled(const HostId& id) const {
  const auto host = workflow_.Kept().FindHost(id);
  return host && IsHeard(*host);
}

void FleetAuthority::KeepFacts(const HostId& id, const AgentFacts* facts) try {
  const auto kept = workflow_.Run(clock_().utc, [&](Change& change) -> Outcome<bool> {
    auto host = change.Keep().FindHost(id);
    if (!host) return Refuse(Refusal::kNotFound, "no such host");
    if (facts != nullptr) host->facts = Shown(*facts);
    host->last_seen = change.At();
    change.Keep().UpdateHost(*host);
    return true;
  });
  static_cast<void>(kept);  // a host that was removed meanwhile has nothing to keep
} catch (const StoreFailure&) {
  // Facts are for show: a disk that refuses them must end neither the line nor the controller. What matters says it itself.
}

void FleetAuthority::Connected(const HostId& host, const AgentFacts& facts) {
  const Holding holding{facts.roles_version, {facts.epoch, facts.version}};
  links_[host] = OtherEnd{holding, holding, {}};
  KeepFacts(host, &facts);
}

void FleetAuthority::Changed(const HostId& host, const AgentFacts& facts) {
  const auto link = links_.find(host);
  if (link != links_.end()) {
    auto& [said, given, sent] = link->second;
    const Holding holding{facts.roles_version, {facts.epoch, facts.version}};
    // What it had by its own word and has no more, it lost. What it has not said yet may be on its way.
    if (holding.roles < said.roles) given.roles = holding.roles;
    if (holding.bundle < said.bundle) given.bundle = holding.bundle;
    said = holding;
  }
  KeepFacts(host, &facts);
}

void FleetAuthority::Disconnected(const HostId& host) {
  links_.erase(host);
  KeepFacts(host, nullptr);
}

std::vector<std::string> FleetAuthority::OffersFor(const HostId& id) {
  std::vector<std::string> offers;
  const auto link = links_.find(id);
  const auto host = workflow_.Kept().FindHost(id);
  if (link == links_.end() || !host || !IsHeard(*host)) return offers;
  const auto& keys = workflow_.Keys();
  Holding& given = link->second.given;
  if (given.roles < keys.roles.version) {
    offers.push_back(keys.sealed_roles);
    given.roles = keys.roles.version;
  }
  const std::pair newest(host->epoch, host->version);
  if (host->version > 0 && newest > given.bundle) {
    // Before the bundle: a host that cannot take it, for whatever reason, still ends what was ended.
    const std::uint64_t had = given.bundle.first == host->epoch ? given.bundle.second : 0;
    for (auto& sealed : workflow_.Kept().RevocationsFor(id, had, kMostRevocations)) offers.push_back(std::move(sealed));
    offers.push_back(workflow_.Kept().BundleOf(id));
    given.bundle = newest;
    link->second.sent = SentBundle{host->version, clock_().utc};
  }
  return offers;
}

void FleetAuthority::RecordFault(const HostId& host, const Deny& deny) {
  RejectRoom& room = faults_.try_emplace(host, kFaults).first->second;
  const Now now = clock_();
  const auto noted = workflow_.Run(now.utc, [&](Change& change) -> Outcome<bool> {
    NoteFault(change, host, deny, room, now.boot);
    return true;
  });
  static_cast<void>(noted);  // it refuses nothing
}

Verdict<TakenBatch> FleetAuthority::TakeBatch(const HostId& host, std::string_view sealed) {
  try {
    const auto link = links_.find(host);
    const auto sent = link == links_.end() ? std::nullopt : link->second.sent;
    auto verdict = workflow_.Run(clock_().utc, [&](Change& change) { return TakeEvents(change, host, sealed, sent); });
    if (const auto* deny = Denied(verdict)) RecordFault(host, *deny);
    return verdict;
  } catch (const StoreFailure& failure) {
    return Deny{Reason::kStorage, failure.what()};
  }
}

std::vector<HostId> FleetAuthority::Online() const {
  std::vector<HostId> online;
  online.reserve(links_.size());
  for (const auto& [host, link] : links_) online.push_back(host);
  return online;
}

}  // namespace curfew
