// SPDX-License-Identifier: Apache-2.0
// Lapsing, failing, expiring, letting go of removed hosts and of what they cannot prove any more, and the alarm for an end that
// nobody proved.
#include "controller/workflow/due.h"

#include "controller/workflow/bundles.h"
#include "controller/workflow/enrolment.h"
#include "controller/workflow/grants.h"

namespace curfew {
namespace {

constexpr const char* kClock = "time";
constexpr Seconds kTriedAgain{3600};

void Lapse(Change& change, const RequestId& id) {
  auto request = StoredRequest(change, id);
  if (request.state != RequestState::kPending) return;
  change.Follow(request, RequestState::kLapsed, kClock, "nobody decided in time");
  change.Tell(request.requester, id, "it lapsed: nobody decided within " + FormatDuration(change.Settings().pending_for));
}

std::string WhyNotActive(const Change& change, const GrantRecord& grant) {
  const auto host = change.Keep().FindHost(grant.host);
  const std::string name = grant.host_name.Text();
  const std::string within = FormatDuration(change.Settings().acknowledge_within);
  if (host && host->acked >= host->version) {
    return name + " took the bundle but did not activate the grant within " + within + "; does the account exist there? see `curfew-agent doctor` on it";
  }
  return name + " did not acknowledge within " + within + "; it cannot begin this grant after " +
         Rfc3339(ActivateBy(change.Settings(), grant)) + ", ask again when it is back";
}

// Still unproved after the time that a healthy host needs: said once, as an alarm; the grant stays unconfirmed.
void Alarm(Change& change, GrantRecord& grant) {
  EventRecord event = OwnEvent(change, Word(EventKind::kUnknownOutcome), Severity::kAlarm);
  event.request = grant.request.Text();
  event.grant = grant.id.Text();
  event.outcome = "unconfirmed";
  event.detail = grant.host_name.Text() + " has not confirmed the end of " + grant.id.Text() + "; it can last until " +
                 Rfc3339(grant.unconfirmed_until.value_or(grant.end));
  const std::string detail = event.detail;
  change.Record(std::move(event));
  grant.due.reset();
  change.Keep().UpdateGrant(grant);
  auto request = StoredRequest(change, grant.request);
  change.Tell(request.requester, request.id, detail);
  change.Touch(request);
}

/// Its host was removed, and its latest moment is over: nobody is left to prove the end.
bool IsForsaken(const Change& change, const GrantRecord& grant) {
  const auto host = change.Keep().FindHost(grant.host);
  return host && !IsHeard(*host) && grant.unconfirmed_until <= change.At();
}

void LetGo(Change& change, GrantRecord& grant) {
  EventRecord event = OwnEvent(change, Word(EventKind::kUnknownOutcome), Severity::kWarning);
  event.request = grant.request.Text();
  event.grant = grant.id.Text();
  event.outcome = "unproved";
  event.detail = grant.host_name.Text() + " was removed and has not proved the end of " + grant.id.Text() + "; it could last until " +
                 Rfc3339(grant.unconfirmed_until.value_or(grant.end)) + ", which is over";
  change.Record(std::move(event));
  grant.proof = Proof::kNone;
  grant.unconfirmed_until.reset();
  grant.due.reset();
  change.Keep().UpdateGrant(grant);
  Settle(change, grant.request, kClock);
}

void DoEnded(Change& change, GrantRecord& grant) {
  if (grant.proof != Proof::kUnconfirmed) {
    grant.due.reset();
    return change.Keep().UpdateGrant(grant);
  }
  IsForsaken(change, grant) ? LetGo(change, grant) : Alarm(change, grant);
}

void DoGrant(Change& change, const GrantId& id) {
  auto grant = change.Keep().FindGrant(id);
  if (!grant) return;
  switch (grant->state) {
    case GrantState::kWaiting:
      FailGrant(change, *grant, WhyNotActive(change, *grant));
      change.Recall(grant->host);
      break;
    case GrantState::kActive:
      EndGrant(change, *grant, "expired");
      break;
    case GrantState::kEnded:
    case GrantState::kFailed:
      return DoEnded(change, *grant);
  }
  Settle(change, grant->request, kClock);
}

struct Do {
  void operator()(const RequestId& id) const { Lapse(change, id); }
  void operator()(const GrantId& id) const { DoGrant(change, id); }
  void operator()(const HostId& id) const { CloseLine(change, id); }
  Change& change;
};

std::string Named(const RequestId& id) { return "request " + id.Text(); }
std::string Named(const GrantId& id) { return "grant " + id.Text(); }
std::string Named(const HostId& id) { return "host " + id.Hex(); }

}  // namespace

std::vector<DueThing> WhatIsDue(Store& store, Instant now) {
  std::vector<DueThing> due;
  const auto add = [&](const auto& things) { due.insert(due.end(), things.begin(), things.end()); };
  add(store.DueRequests(now));
  add(store.DueGrants(now));
  add(store.DueLeavers(now));
  return due;
}

void DoDue(Change& change, const DueThing& thing) { std::visit(Do{change}, thing); }

void PutOff(Change& change, const DueThing& thing, const std::string& why) {
  NoteUnreadable(change, std::visit([](const auto& id) { return Named(id); }, thing) + " is due and cannot be followed", why);
  std::visit([&](const auto& id) { change.Keep().Postpone(id, change.At() + kTriedAgain); }, thing);
}

}  // namespace curfew
