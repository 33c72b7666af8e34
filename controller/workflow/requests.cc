// SPDX-License-Identifier: Apache-2.0
// Decisions on requests, and their early ends.
#include "controller/workflow/requests.h"

#include <algorithm>

#include "controller/workflow/grants.h"
#include "core/reason.h"

namespace curfew {
namespace {

bool IsIn(const Person& person, std::string_view group) {
  return std::any_of(person.groups.begin(), person.groups.end(), [&](const auto& g) { return g.Text() == group; });
}

tl::unexpected<Refused> NoLonger(const RequestRecord& request, const std::string& verb) {
  const bool over = IsFinal(request.state) || request.state == RequestState::kRevoking;
  return Refuse(over ? Refusal::kAlreadyEnded : Refusal::kNotPending,
                "request " + request.id.Text() + " is " + Word(request.state) + "; it cannot be " + verb);
}

/// The stage that the person's word counts for now; the request is visible to them and pending.
Outcome<std::uint32_t> StageToDecide(const RequestRecord& request, const Person& person, Instant now, const std::string& verb) {
  if (person.name == request.requester) {
    return Refuse(Refusal::kOwnRequest, "nobody decides their own request", "ask another approver");
  }
  if (request.state != RequestState::kPending) return NoLonger(request, verb);
  // Its time may be up before a turn of ours has noted it: this machine slept, or its clock was set.
  if (request.due && *request.due <= now) {
    return Refuse(Refusal::kAlreadyEnded, "request " + request.id.Text() + " has lapsed; it cannot be " + verb, "it has to be asked for again");
  }
  const auto stage = StageFor(request.stages, request.decisions, person, request.requester);
  if (stage) return *stage;
  const bool again = stage.error().code == Errc::kConflict;
  return Refuse(again ? Refusal::kConflict : Refusal::kNotYourRight, stage.error().what, stage.error().hint);
}

void RecordDecision(Change& change, RequestRecord& request, const Person& person, std::uint32_t stage, bool yes, const std::string& reason) {
  request.decisions.push_back({stage, person.name, yes, change.At(), reason});
  change.Keep().AddDecision(request.id, request.decisions.back());
}

bool HasLiveGrants(RequestState state) { return state == RequestState::kProvisioning || state == RequestState::kActive; }

}  // namespace

bool IsOwner(const Person& person) { return IsIn(person, "owners"); }
bool SeesEverything(const Person& person) { return IsOwner(person) || IsIn(person, "auditors"); }

bool MaySee(const RequestRecord& request, const Person& person) {
  return person.name == request.requester || SeesEverything(person) || MayReview(request.stages, person, request.requester);
}

Outcome<RequestRecord> Find(Store& store, const RequestId& id, const Person& person) {
  auto request = store.FindRequest(id);
  if (!request || !MaySee(*request, person)) return Refuse(Refusal::kNotFound, "there is no request " + id.Text(), "`curfew ls` lists yours");
  return *std::move(request);
}

RequestRecord EndAll(Change& change, const RequestId& request, const std::string& cause, const std::string& by) {
  for (auto& grant : change.Keep().GrantsOf(request)) {
    if (IsLive(grant)) EndGrant(change, grant, cause);
  }
  Settle(change, request, by);
  return StoredRequest(change, request);
}

void EndEverythingOf(Change& change, const PersonName& person, const std::string& by) {
  constexpr std::int64_t kAll = 100000;
  for (const auto view : {RequestScope::kPending, RequestScope::kLive}) {
    for (auto& placed : change.Keep().Requests({view, person, 0, kAll})) {
      RequestRecord& request = placed.request;
      if (request.state == RequestState::kPending) change.Follow(request, RequestState::kWithdrawn, by);
      if (HasLiveGrants(request.state)) static_cast<void>(EndAll(change, request.id, "revoked", by));
    }
  }
}

Outcome<std::string> ReadReason(std::string_view text, bool needed) {
  if (text.empty() && needed) return Refuse(Refusal::kMalformed, "a reason is needed", "say why: --reason TEXT");
  if (!IsPlainText(text, kLongestReason)) {
    return Refuse(Refusal::kMalformed, "the reason is longer than " + std::to_string(kLongestReason) + " bytes or holds control characters: " + Escaped(text.substr(0, 80)));
  }
  return std::string(text);
}

Outcome<RequestRecord> Approve(Change& change, const Person& person, const RequestId& id, const std::string& reason,
                               std::optional<Seconds> shorter) {
  auto request = Find(change.Keep(), id, person);
  if (!request) return request;
  const auto stage = StageToDecide(*request, person, change.At(), "approved");
  if (!stage) return tl::unexpected(stage.error());
  if (auto refused = WhyNoPolicy(change.InForce())) return tl::unexpected(std::move(*refused));
  if (shorter && (*shorter < Seconds{1} || *shorter > request->duration)) {
    return Refuse(Refusal::kUnusable, "an approver may shorten only: " + FormatDuration(request->duration) + " is asked for",
                  "approve for less, or deny it");
  }
  RecordDecision(change, *request, person, *stage, true, reason);
  const bool shortened = shorter && *shorter != request->duration;
  if (shorter) request->duration = *shorter;
  const auto complete = AllApproved(*request);
  if (!complete) {
    change.Touch(*request);
    return request;
  }
  const std::string by = person.name.Text();
  const std::string note = shortened ? "shortened to " + FormatDuration(*shorter) : "";
  const auto approved = change.Move(*request, RequestState::kApproved, by, reason.empty() || note.empty() ? note + reason : note + ": " + reason);
  if (!approved) return tl::unexpected(approved.error());
  if (const auto given = Provision(change, *request, *complete, by); !given) return tl::unexpected(given.error());
  return request;
}

Outcome<RequestRecord> DenyRequest(Change& change, const Person& person, const RequestId& id, const std::string& reason) {
  auto request = Find(change.Keep(), id, person);
  if (!request) return request;
  const auto stage = StageToDecide(*request, person, change.At(), "denied");
  if (!stage) return tl::unexpected(stage.error());
  RecordDecision(change, *request, person, *stage, false, reason);
  const auto denied = change.Move(*request, RequestState::kDenied, person.name.Text(), reason);
  if (!denied) return tl::unexpected(denied.error());
  change.Tell(request->requester, request->id, person.name.Text() + " denied it" + (reason.empty() ? "" : ": " + reason));
  return request;
}

Outcome<RequestRecord> Withdraw(Change& change, const Person& person, const RequestId& id) {
  auto request = Find(change.Keep(), id, person);
  if (!request) return request;
  if (person.name != request->requester) return Refuse(Refusal::kNotYourRight, "only who asked can withdraw", "deny it instead: curfew deny " + id.Text());
  if (HasLiveGrants(request->state)) return Refuse(Refusal::kNotPending, "it is granted already", "give it back: curfew return " + id.Text());
  if (request->state != RequestState::kPending) return NoLonger(*request, "withdrawn");
  const auto withdrawn = change.Move(*request, RequestState::kWithdrawn, person.name.Text());
  if (!withdrawn) return tl::unexpected(withdrawn.error());
  return request;
}

Outcome<RequestRecord> Return(Change& change, const Person& person, const RequestId& id) {
  auto request = Find(change.Keep(), id, person);
  if (!request) return request;
  if (person.name != request->requester) return Refuse(Refusal::kNotYourRight, "only who asked can give it back", "end it instead: curfew revoke " + id.Text());
  if (request->state == RequestState::kPending) return Refuse(Refusal::kConflict, "nothing is granted yet", "take it back: curfew withdraw " + id.Text());
  if (!HasLiveGrants(request->state)) return NoLonger(*request, "given back");
  return EndAll(change, request->id, "returned", person.name.Text());
}

Outcome<RequestRecord> Revoke(Change& change, const Person& person, const RequestId& id, const std::string& reason) {
  auto request = Find(change.Keep(), id, person);
  if (!request) return request;
  if (!IsOwner(person) && !MayReview(request->stages, person, request->requester)) {
    const bool own = person.name == request->requester;
    const std::string instead = request->state == RequestState::kPending ? "take it back instead: curfew withdraw " : "give it back instead: curfew return ";
    return Refuse(Refusal::kNotYourRight, "an approver of this request or an owner can revoke it", own ? instead + id.Text() : "ask one of them");
  }
  if (request->state == RequestState::kPending) return Refuse(Refusal::kConflict, "nothing is granted yet", "deny it: curfew deny " + id.Text());
  if (!HasLiveGrants(request->state)) return NoLonger(*request, "revoked");
  change.Tell(request->requester, request->id, person.name.Text() + " revoked it: " + reason);
  return EndAll(change, request->id, "revoked", person.name.Text());
}

}  // namespace curfew
