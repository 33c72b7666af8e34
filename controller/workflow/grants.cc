// SPDX-License-Identifier: Apache-2.0
// What happens to grants.
#include "controller/workflow/grants.h"

#include <algorithm>

#include "core/signature.h"

namespace curfew {
namespace {

void NoteFailure(RequestRecord& request, const std::string& why) {
  if (request.failure.empty()) request.failure = why;
}

/// What changed while people decided: the host is gone, or the policy no longer guards the account there.
std::optional<std::string> WhyNotGiven(const Change& change, const RequestRecord& request, const GrantRecord& grant) {
  const auto host = change.Keep().FindHost(grant.host);
  if (!host || host->removed) return "host " + grant.host_name.Text() + " was removed";
  const auto managed = ManagedOn(change.InForce().policy, Target{host->name, host->labels});
  const bool guarded = std::any_of(managed.begin(), managed.end(), [&](const auto& m) { return m.name == request.account; });
  if (!guarded) return "account " + request.account.Text() + " is no longer managed on " + host->name.Text();
  return std::nullopt;
}

GrantRecord Stillborn(GrantRecord grant, Instant now) {
  grant.state = GrantState::kFailed;
  grant.cause = "failed";
  grant.ended = now;
  grant.due.reset();
  return grant;
}

// The latest moment it can last: its own end, and what the reaper needs when the enforcer is dead.
Instant LatestEnd(const Change& change, const GrantRecord& grant) { return grant.end + change.Settings().longest_overrun; }

void BecomeUnconfirmed(Change& change, GrantRecord& grant) {
  grant.proof = Proof::kUnconfirmed;
  grant.unconfirmed_until = LatestEnd(change, grant);
  grant.due = change.At() + change.Settings().confirm_within;
}

}  // namespace

std::string NewId(std::string_view prefix) {
  constexpr std::string_view kAlphabet = "0123456789abcdefghijklmnopqrstuvwxyz";
  constexpr std::size_t kLength = 20;
  constexpr unsigned kFair = 252;  // the largest multiple of 36 in a byte: above it, a remainder would not be even
  std::string id(prefix);
  while (id.size() < prefix.size() + kLength) {
    const auto bytes = RandomBytes(kLength);
    if (!bytes) throw StoreFailure("no random bytes: " + bytes.error().Text());
    for (const char byte : *bytes) {
      const unsigned value = static_cast<unsigned char>(byte);
      if (value < kFair && id.size() < prefix.size() + kLength) id.push_back(kAlphabet[value % kAlphabet.size()]);
    }
  }
  return id;
}

void Provision(Change& change, RequestRecord& request, const std::string& by) {
  const Instant start = FromUnixSeconds(UnixSeconds(change.At()));
  const Instant end = start + request.duration;
  bool any = false;
  for (std::size_t i = 0; i < request.hosts.size(); ++i) {
    GrantRecord grant{Stored(GrantId::Parse(NewId("g-"))), request.id, request.hosts[i], request.host_names.at(i)};
    grant.start = start;
    grant.end = end;
    grant.due = std::min<Instant>(change.At() + change.Settings().acknowledge_within, end);
    const auto why_not = WhyNotGiven(change, request, grant);
    if (why_not) {
      grant = Stillborn(std::move(grant), change.At());
      NoteFailure(request, *why_not);
    }
    change.Keep().AddGrant(grant);
    if (!why_not) change.ResealWithMore(grant.host);
    any = any || !why_not;
  }
  if (any) {
    change.Move(request, RequestState::kProvisioning, by);
  } else {
    change.Move(request, RequestState::kFailed, by, request.failure);
  }
}

void EndGrant(Change& change, GrantRecord& grant, const std::string& cause) {
  grant.state = GrantState::kEnded;
  grant.cause = cause;
  grant.ended = std::min(change.At(), grant.end);
  BecomeUnconfirmed(change, grant);
  change.Keep().UpdateGrant(grant);
  if (cause != "expired") change.Reseal(grant.host);
}

void FailGrant(Change& change, GrantRecord& grant, const std::string& why) {
  grant.state = GrantState::kFailed;
  grant.cause = "failed";
  grant.ended = std::min(change.At(), grant.end);
  BecomeUnconfirmed(change, grant);
  change.Keep().UpdateGrant(grant);
  change.Reseal(grant.host);
  EventRecord event = OwnEvent(change, "grant-failed", Severity::kAlarm);
  event.request = grant.request.Text();
  event.grant = grant.id.Text();
  event.detail = why;
  change.Record(std::move(event));
  auto request = StoredRequest(change, grant.request);
  NoteFailure(request, why);
  change.Touch(request);
  change.Tell(request.requester, request.id, why);
}

void Settle(Change& change, const RequestId& id, const std::string& by) {
  auto request = StoredRequest(change, id);
  std::vector<GrantStanding> standings;
  for (const auto& grant : change.Keep().GrantsOf(id)) standings.push_back({grant.state, grant.proof});
  if (standings.empty()) return;
  const RequestState to = StateFromGrants(standings);
  if (to != request.state) {
    change.Move(request, to, by, to == RequestState::kFailed ? request.failure : "");
  } else {
    change.Touch(request);
  }
}

}  // namespace curfew
