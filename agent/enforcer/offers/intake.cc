// SPDX-License-Identifier: Apache-2.0
// The purpose in the frame only says whose keys to try: Verify asks for that purpose inside what was signed.
#include "agent/enforcer/offers/intake.h"

#include "agent/enforcer/state/intent.h"
#include "core/codec.h"
#include "os/machine.h"

namespace curfew {
namespace {

constexpr std::size_t kMostWaiting = 64;

EventKind KindOf(Reason reason) {
  switch (reason) {
    case Reason::kRollback:
      return EventKind::kRollback;
    case Reason::kEquivocation:
      return EventKind::kEquivocation;
    case Reason::kOverCeiling:
      return EventKind::kOverCeiling;
    default:
      return EventKind::kReject;
  }
}

std::optional<Deny> StorageDeny(const Result<void>& done) {
  if (done) return std::nullopt;
  return Deny{Reason::kStorage, done.error().Text()};
}

}  // namespace

void Intake::Offer(std::string sealed, Answer answer) {
  if (waiting_.size() >= kMostWaiting) return answer(Deny{Reason::kBusy, "too many offers wait for the disk; try again"});
  waiting_.push_back(Pending{std::move(sealed), std::move(answer)});
  Next();
}

void Intake::Next() {
  if (busy_ || waiting_.empty()) return;
  busy_ = true;
  const std::string sealed = std::move(waiting_.front().sealed);
  if (!parts_.in_force.identity) {
    const std::string& untrusted = parts_.in_force.untrusted;
    return Finish(Deny{Reason::kNotEnrolled, untrusted.empty() ? "this host has not joined; run: curfew-agent join" : untrusted});
  }
  const auto envelope = ParseEnvelope(sealed);
  if (!envelope) return Finish(Deny{Reason::kMalformed, envelope.error().Text()});
  Take(envelope->purpose, sealed);
}

void Intake::Take(Purpose purpose, const std::string& sealed) {
  switch (purpose) {
    case Purpose::kRoles:
      return TakeRoles(sealed);
    case Purpose::kBundle:
      return TakeBundle(sealed);
    case Purpose::kRevocation:
      return TakeRevocation(sealed);
    case Purpose::kDelivered:
      return TakeDelivered(sealed);
    default:
      return Finish(Deny{Reason::kWrongPurpose, "nothing that a host takes"});
  }
}

void Intake::Finish(const std::optional<Deny>& deny) {
  if (deny) {
    const Now now = ReadNow();
    Event event = DraftEvent(now.utc, KindOf(deny->reason), Severity::kAlarm, deny->detail);
    event.outcome = Word(deny->reason);
    if (deny->reason != Reason::kStorage) parts_.refusals.Note(std::move(event), now);
  }
  const Answer answer = std::move(waiting_.front().answer);
  waiting_.pop_front();
  busy_ = false;
  answer(deny);
  Next();
}

Verdict<Verified> Intake::VerifyFor(Purpose purpose, const std::string& sealed) const {
  if (purpose == Purpose::kRoles) return Verify(sealed, purpose, parts_.in_force.identity->root);
  if (!parts_.in_force.roles) return Deny{Reason::kUnknownKey, "no role table yet, so nobody may sign for this host"};
  const Role* role = FindRole(*parts_.in_force.roles, purpose);
  if (role == nullptr) return Deny{Reason::kUnknownKey, "the role table lets nobody sign this"};
  return Verify(sealed, purpose, *role);
}

void Intake::TakeRoles(const std::string& sealed) {
  const auto verified = VerifyFor(Purpose::kRoles, sealed);
  if (const Deny* deny = Denied(verified)) return Finish(*deny);
  auto roles = AcceptRoles(std::get<Verified>(verified), parts_.in_force.roles);
  if (const Deny* deny = Denied(roles)) return Finish(*deny);
  Record record;
  record.roles = sealed;
  parts_.journal.Commit(std::move(record), [this, table = std::get<AcceptedRoles>(roles)](const Result<void>& done) {
    if (!done) return Finish(StorageDeny(done));
    parts_.disk.Ask([store = parts_.store] { return store->Bundle(); },
                    [this, table](const Result<std::optional<SealedBundle>>& stored) {
                      AdoptRoles(parts_.in_force, table, stored, ReadNow());
                      parts_.roles_adopted();
                      Finish(std::nullopt);
                    });
  });
}

void Intake::TakeBundle(const std::string& sealed) {
  const Now now = ReadNow();
  const auto verified = VerifyFor(Purpose::kBundle, sealed);
  if (const Deny* deny = Denied(verified)) return Finish(*deny);
  auto& in_force = parts_.in_force;
  auto verdict = Accept(std::get<Verified>(verified), Standing{in_force.identity->host, in_force.mark, *in_force.roles}, now.utc);
  if (const Deny* deny = Denied(verdict)) return Finish(*deny);
  const Accepted accepted = std::get<Accepted>(std::move(verdict));
  if (accepted.Same() && !in_force.IsBlind()) return Finish(std::nullopt);
  const Bundle& bundle = accepted.Value();
  Record record;
  record.bundle = SealedBundle{sealed, accepted.Mark()};
  record.time = Heard(in_force.time, accepted, now);
  Event event = DraftEvent(now.utc, EventKind::kBundleAccepted, Severity::kInfo,
                           accepted.Gap() ? "versions between were never seen here" : "");
  event.version = bundle.version;
  record.events.push_back(std::move(event));
  // A full spool takes no intent: the grant waits, the loop asks again when there is room.
  const auto found = FindNotIntended(in_force, bundle, *record.time, now);
  const auto intended = parts_.journal.IsFull() ? std::vector<GrantId>{} : found.timely;
  AddIntents(record, bundle, intended, now.utc);
  AddLate(record, bundle, found.late, now.utc);
  const std::vector<EndedGrant> late = record.ended;
  parts_.journal.Commit(std::move(record), [this, accepted, intended, late](const Result<void>& done) {
    if (done) {
      for (const EndedGrant& ended : late) End(parts_.in_force, ended);
      Adopt(parts_.in_force, accepted, ReadNow());
      RememberIntents(parts_.in_force, intended);
      parts_.adopted(intended);
    } else {
      Obey(TakeAway(parts_.in_force, accepted.Value(), ReadNow().utc));
    }
    Finish(StorageDeny(done));
  });
  // The disk takes longer than a check, so it is asked first.
  parts_.foresee(bundle);
}

void Intake::TakeRevocation(const std::string& sealed) {
  const auto verified = VerifyFor(Purpose::kRevocation, sealed);
  if (const Deny* deny = Denied(verified)) return Finish(*deny);
  const auto verdict = AcceptRevocation(std::get<Verified>(verified), parts_.in_force.identity->host);
  if (const Deny* deny = Denied(verdict)) return Finish(*deny);
  const auto& revocation = std::get<AcceptedRevocation>(verdict).Value();
  // Why is in the bundle that follows it.
  EndHere({EndedGrant{revocation.grant, revocation.until, {}}}, [this](const Result<void>& done) { Finish(StorageDeny(done)); });
}

// Taking away waits for no disk; that it stays taken away does.
void Intake::EndHere(const std::vector<EndedGrant>& ends, Journal::Done done) {
  Record record;
  std::vector<EndedGrant> fresh;
  for (const auto& ended : ends) {
    record.ended.push_back(ended);
    if (parts_.in_force.facts.ended.contains(ended.id)) continue;
    fresh.push_back(ended);
    End(parts_.in_force, ended);
  }
  parts_.adopted({});
  parts_.journal.Commit(std::move(record), [this, fresh, done = std::move(done)](const Result<void>& written) {
    if (!written) KeepEnds(fresh);
    done(written);
  });
}

void Intake::KeepEnds(const std::vector<EndedGrant>& ends) {
  if (ends.empty()) return;
  Record record;
  record.ended = ends;
  parts_.journal.Keep(std::move(record));
}

void Intake::Obey(const std::vector<EndedGrant>& ends) {
  KeepEnds(ends);
  parts_.adopted({});
}

void Intake::TakeDelivered(const std::string& sealed) {
  const auto verified = VerifyFor(Purpose::kDelivered, sealed);
  if (const Deny* deny = Denied(verified)) return Finish(*deny);
  const auto verdict = AcceptDelivered(std::get<Verified>(verified), parts_.in_force.identity->host);
  if (const Deny* deny = Denied(verdict)) return Finish(*deny);
  const auto& accepted = std::get<AcceptedDelivered>(verdict);
  parts_.disk.Ask(
      [store = parts_.store, seq = accepted.Value().seq] { return Kept{store->HashOf(seq), store->MayGoOnAfter(seq)}; },
      [this, accepted](const Kept& ours) { CommitDelivered(accepted, ours); });
}

void Intake::CommitDelivered(const AcceptedDelivered& accepted, const Kept& ours) {
  const Delivered& delivered = accepted.Value();
  const bool is_ours = ours.hash && *ours.hash == delivered.head;
  if (!is_ours && ours.may_go_on) return GoOnAfter(delivered);
  // What was trimmed already is not found: a second receipt for it says nothing new, but that nothing after it is held.
  const bool missing = !ours.hash && ours.hash.error().code == Errc::kNotFound;
  if (missing && delivered.seq <= parts_.journal.Spool().seq) {
    parts_.delivered(delivered.seq);
    return Finish(std::nullopt);
  }
  if (!ours.hash) return Finish(Deny{Reason::kBrokenChain, "for an event that was never written here"});
  if (!is_ours) return Finish(Deny{Reason::kBrokenChain, "for other events than those of this host"});
  const Now now = ReadNow();
  JudgeTime(accepted, now);
  Record record;
  record.delivered = delivered.seq;
  record.time = Heard(parts_.in_force.time, accepted, now);
  parts_.journal.Commit(std::move(record), [this, accepted](const Result<void>& done) {
    if (done && HearTime(parts_.in_force, accepted, ReadNow())) parts_.adopted({});
    if (done) parts_.delivered(accepted.Value().seq);
    Finish(StorageDeny(done));
  });
}

// What it says of events holds all the same: a spool that nobody empties would end what is given.
void Intake::JudgeTime(const AcceptedDelivered& accepted, const Now& now) {
  constexpr const char* kTime = "receipt-time";
  if (!IsTooFarAhead(parts_.in_force.time, accepted, now)) return parts_.alarms.Clear(kTime, now.utc);
  parts_.alarms.Raise(kTime,
                      "the controller's receipt says " + Rfc3339(accepted.Value().at) + ", " + FormatDuration(kMostLifted) +
                          " and more after what this host knows: it is not believed; look at the clocks of both",
                      now.utc);
}

// The state of this host was lost and began anew, but the controller kept the record: it is gone on with, not forked.
void Intake::GoOnAfter(const Delivered& delivered) {
  Record record;
  record.kept = SpoolMark{delivered.seq, delivered.head, 0};
  record.events.push_back(DraftEvent(ReadNow().utc, EventKind::kRecovered, Severity::kAlarm,
                                     "the state of this host was lost and began anew; the record goes on after event " +
                                         std::to_string(delivered.seq) + ", what was not delivered before is missing"));
  parts_.journal.Commit(std::move(record), [this, seq = delivered.seq](const Result<void>& done) {
    if (done) parts_.delivered(seq);
    Finish(StorageDeny(done));
  });
}

void Intake::RevokeAll(Answer answer) {
  const Now now = ReadNow();
  // What is known stands for a bundle that cannot be read: once it can be, nothing of it may come back.
  std::map<GrantId, Instant> ends;
  const auto bundle = parts_.in_force.BundleOrNone();
  for (const Grant& grant : bundle.grants) ends.emplace(grant.id, grant.end);
  for (const auto& [id, known] : parts_.in_force.known) ends.emplace(id, known.end);
  std::vector<EndedGrant> all;
  for (const auto& [id, end] : ends) {
    if (end <= now.utc || parts_.in_force.facts.ended.contains(id)) continue;
    all.push_back(EndedGrant{id, end + kRemember, "revoked"});
  }
  EndHere(all, [answer = std::move(answer)](const Result<void>& done) { answer(StorageDeny(done)); });
}

}  // namespace curfew
