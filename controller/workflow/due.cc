// SPDX-License-Identifier: Apache-2.0
// Lapsing, failing, expiring, letting go of removed hosts, and the alarm for an end that nobody proved.
#include "controller/workflow/due.h"

#include "controller/workflow/bundles.h"
#include "controller/workflow/enrolment.h"
#include "controller/workflow/grants.h"

namespace curfew {
namespace {

constexpr const char* kClock = "time";

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
      if (grant->proof == Proof::kUnconfirmed) {
        Alarm(change, *grant);
      } else {
        grant->due.reset();
        change.Keep().UpdateGrant(*grant);
      }
      return;
  }
  Settle(change, grant->request, kClock);
}

}  // namespace

bool DoWhatIsDue(Change& change) {
  const auto requests = change.Keep().DueRequests(change.At());
  for (const auto& id : requests) Lapse(change, id);
  const auto grants = change.Keep().DueGrants(change.At());
  for (const auto& id : grants) DoGrant(change, id);
  const auto leavers = change.Keep().DueLeavers(change.At());
  for (const auto& id : leavers) CloseLine(change, id);
  return !requests.empty() || !grants.empty() || !leavers.empty();
}

}  // namespace curfew
