// SPDX-License-Identifier: Apache-2.0
// Moves, revisions, events and messages of one transaction.
#include "controller/workflow/change.h"

#include "controller/audit/journal.h"

namespace curfew {

std::optional<Refused> WhyNoPolicy(const LoadedPolicy& loaded) {
  if (loaded.version == 0) return Refused{Refusal::kDeniedByPolicy, "no policy is loaded", "an admin loads one: curfew-controller policy load FILE"};
  if (loaded.unreadable.empty()) return std::nullopt;
  const std::string which = "the policy in force, version " + std::to_string(loaded.version);
  return Refused{Refusal::kDeniedByPolicy, which + ", cannot be read by this version of Curfew: " + loaded.unreadable,
                 "an admin mends it and loads it again: curfew-controller policy load FILE"};
}

Outcome<void> Change::Move(RequestRecord& request, RequestState to, const std::string& by, const std::string& detail) {
  // A request is born submitted: that arrival is recorded like a move, from nowhere.
  const bool born = to == RequestState::kSubmitted && request.history.empty();
  if (!born && !MayMove(request.state, to)) {
    return Refuse(Refusal::kConflict, "request " + request.id.Text() + " is " + Word(request.state) + " and cannot become " + Word(to),
                  "see how it stands: curfew show " + request.id.Text());
  }
  EventRecord event = OwnEvent(*this, TransitionKind(to), to == RequestState::kFailed ? Severity::kAlarm : Severity::kInfo);
  event.actor = by;
  event.request = request.id.Text();
  event.outcome = "ok";
  event.before = born ? "" : Word(request.state);
  event.after = Word(to);
  event.detail = detail;
  Record(std::move(event));
  request.state = to;
  request.history.push_back({to, now_, by});
  store_.AddHistory(request.id, request.history.back());
  if (to != RequestState::kPending) request.due.reset();
  Touch(request);
  return {};
}

void Change::Follow(RequestRecord& request, RequestState to, const std::string& by, const std::string& detail) {
  const auto moved = Move(request, to, by, detail);
  if (moved) return;
  EventRecord event = OwnEvent(*this, Word(EventKind::kUnknownOutcome), Severity::kAlarm);
  event.actor = by;
  event.request = request.id.Text();
  event.outcome = "conflict";
  event.detail = moved.error().what + "; its grants say what holds";
  Record(std::move(event));
}

void Change::Touch(RequestRecord& request) {
  if (requests_.insert(request.id).second) ++request.revision;
  store_.UpdateRequest(request);
}

void Change::Record(EventRecord event) const { AppendOwnEvent(store_, std::move(event)); }

void Change::Tell(const PersonName& person, const RequestId& request, const std::string& text) const {
  store_.AddNotice({0, person, request, now_, text});
}

RequestRecord StoredRequest(const Change& change, const RequestId& id) {
  auto request = change.Keep().FindRequest(id);
  if (!request) throw BadValue("the store has lost request " + id.Text());
  return *std::move(request);
}

void NoteUnreadable(const Change& change, const std::string& what, const std::string& why) {
  EventRecord event = OwnEvent(change, Word(EventKind::kUnknownOutcome), Severity::kAlarm);
  event.outcome = "unreadable";
  event.detail = what + ": " + why;
  change.Record(std::move(event));
}

void RecordRoll(const Change& change, RollChange roll) {
  EventRecord event = OwnEvent(change, Word(EventKind::kEnrolled), roll.severity);
  event.actor = std::move(roll.by);
  event.outcome = "ok";
  event.before = std::move(roll.before);
  event.after = std::move(roll.after);
  event.detail = std::move(roll.detail);
  change.Record(std::move(event));
}

EventRecord OwnEvent(const Change& change, std::string kind, Severity severity) {
  EventRecord event;
  event.at = change.At();
  event.kind = std::move(kind);
  event.severity = severity;
  return event;
}

}  // namespace curfew
