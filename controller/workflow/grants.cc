// SPDX-License-Identifier: Apache-2.0
// What happens to grants.
#include "controller/workflow/grants.h"

#include <algorithm>

#include "controller/workflow/bundles.h"
#include "controller/workflow/still_given.h"
#include "core/signature.h"

namespace curfew {
namespace {

void NoteFailure(RequestRecord& request, const std::string& why) {
  if (request.failure.empty()) request.failure = why;
}

GrantRecord Stillborn(GrantRecord grant, Instant now) {
  grant.state = GrantState::kFailed;
  grant.cause = "failed";
  grant.ended = now;
  grant.due.reset();
  return grant;
}

/// A waiting grant for each host, as it would be given.
std::vector<GrantRecord> Wanted(const Change& change, const RequestRecord& request) {
  const Instant start = FromUnixSeconds(UnixSeconds(change.At()));
  std::vector<GrantRecord> wanted;
  for (std::size_t i = 0; i < request.hosts.size(); ++i) {
    GrantRecord grant{Stored(GrantId::Parse(NewId("g-"))), request.id, request.hosts[i], request.host_names.at(i)};
    grant.start = start;
    grant.end = start + request.duration;
    grant.due = std::min<Instant>(change.At() + change.Settings().acknowledge_within, grant.end);
    wanted.push_back(std::move(grant));
  }
  return wanted;
}

/// How long past its own end a grant can last at most: what the reaper needs on a host whose enforcer is dead.
constexpr Seconds kLongestOverrun{30};

void BecomeUnconfirmed(Change& change, GrantRecord& grant) {
  grant.proof = Proof::kUnconfirmed;
  grant.unconfirmed_until = grant.end + kLongestOverrun;
  grant.due = change.At() + change.Settings().confirm_within;
}

/// An early end is said twice: in the host's next bundle, and in a revocation that needs no bundle.
void TakeAway(Change& change, const GrantRecord& grant) {
  SealRevocation(change, grant);
  change.Reseal(grant.host);
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

std::optional<FullyApproved> AllApproved(const RequestRecord& request) {
  if (OpenStage(request.stages, request.decisions)) return std::nullopt;
  return FullyApproved();
}

Outcome<void> Provision(Change& change, RequestRecord& request, const FullyApproved&, const std::string& by) {
  const StillGiven still = AskAgain(change, request, Wanted(change, request));
  bool any = false;
  for (const auto& grant : still.grants) {
    if (const auto* given = std::get_if<Given>(&grant)) {
      change.Keep().AddGrant(given->Record());
      change.ResealWithMore(given->Record().host);
      any = true;
    } else {
      const auto& not_given = std::get<NotGiven>(grant);
      change.Keep().AddGrant(Stillborn(not_given.record, change.At()));
      NoteFailure(request, not_given.why);
    }
  }
  if (request.keys != still.keys) {
    request.keys = still.keys;
    change.Keep().ReplaceKeys(request);
  }
  if (any) {
    change.Keep().KeepClaims(request.keys);
    return change.Move(request, RequestState::kProvisioning, by);
  }
  change.Tell(request.requester, request.id, "it was approved, but could not be given: " + request.failure);
  return change.Move(request, RequestState::kFailed, by, request.failure);
}

bool IsLive(const GrantRecord& grant) { return grant.state == GrantState::kWaiting || grant.state == GrantState::kActive; }

// A host whose clock is ahead ends a grant by time, and yet early: once its clock is right again, or its state is lost, it would
// take the grant from the next bundle.
bool IsTakenAway(const GrantRecord& grant) {
  if (grant.state == GrantState::kFailed) return true;
  return grant.state == GrantState::kEnded && (grant.cause != "expired" || grant.ended < grant.end);
}

void EndGrant(Change& change, GrantRecord& grant, const std::string& cause) {
  grant.state = GrantState::kEnded;
  grant.cause = cause;
  grant.ended = std::min(change.At(), grant.end);
  BecomeUnconfirmed(change, grant);
  change.Keep().UpdateGrant(grant);
  if (IsTakenAway(grant)) TakeAway(change, grant);
}

void FailGrant(Change& change, GrantRecord& grant, const std::string& why) {
  grant.state = GrantState::kFailed;
  grant.cause = "failed";
  grant.ended = std::min(change.At(), grant.end);
  BecomeUnconfirmed(change, grant);
  change.Keep().UpdateGrant(grant);
  TakeAway(change, grant);
  EventRecord event = OwnEvent(change, Word(EventKind::kGrantFailed), Severity::kAlarm);
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
    change.Follow(request, to, by, to == RequestState::kFailed ? request.failure : "");
  } else {
    change.Touch(request);
  }
}

}  // namespace curfew
