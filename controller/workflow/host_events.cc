// SPDX-License-Identifier: Apache-2.0
// Verifying, keeping and following a host's events.
#include "controller/workflow/host_events.h"

#include <algorithm>

#include "controller/workflow/bundles.h"
#include "controller/workflow/enrolment.h"
#include "controller/workflow/grants.h"
#include "core/codec.h"

namespace curfew {
namespace {

constexpr Seconds kLastAnswer{2};

/// A host's word about a grant counts only for grants on that very host.
std::optional<GrantRecord> GrantOf(const Change& change, const HostRecord& host, const std::string& text) {
  const auto id = GrantId::Parse(text);
  if (!id) return std::nullopt;
  auto grant = change.Keep().FindGrant(*id);
  if (!grant || grant->host != host.id) return std::nullopt;
  return grant;
}

bool IsOver(const GrantRecord& grant) { return grant.state == GrantState::kEnded || grant.state == GrantState::kFailed; }

std::string By(const HostRecord& host) { return "host:" + host.name.Text(); }

/// The host took a bundle in which these grants are taken away, and had never begun to give them: nothing is left to prove.
void SettleNeverGiven(Change& change, const HostRecord& host, std::uint64_t version) {
  for (auto& grant : change.Keep().UnconfirmedOn(host.id)) {
    const bool told = grant.tombstone_version != 0 && grant.tombstone_version <= version;
    if (!told || grant.intended) continue;
    grant.proof = Proof::kNone;
    grant.unconfirmed_until.reset();
    grant.due.reset();
    change.Keep().UpdateGrant(grant);
    Settle(change, grant.request, By(host));
  }
}

void OnAccepted(Change& change, HostRecord& host, const Event& event) {
  if (event.version > host.version) {
    EventRecord alarm = OwnEvent(change, Word(EventKind::kReject), Severity::kAlarm);
    alarm.detail = host.name.Text() + " says it accepted bundle version " + std::to_string(event.version) +
                   ", newer than any sealed here (" + std::to_string(host.version) + ")";
    change.Record(std::move(alarm));
    return;
  }
  host.acked = std::max(host.acked, event.version);
  SettleNeverGiven(change, host, event.version);
}

void OnIntent(Change& change, GrantRecord& grant) {
  grant.intended = true;
  change.Keep().UpdateGrant(grant);
}

void OnActive(Change& change, const HostRecord& host, GrantRecord& grant) {
  grant.intended = true;
  if (grant.state == GrantState::kWaiting) {
    grant.state = GrantState::kActive;
    grant.due = grant.end;
  }
  change.Keep().UpdateGrant(grant);
  Settle(change, grant.request, By(host));
}

void TellRequester(Change& change, const GrantRecord& grant, const std::string& text) {
  const auto request = StoredRequest(change, grant.request);
  change.Tell(request.requester, request.id, text);
}

void OnFailed(Change& change, const HostRecord& host, GrantRecord& grant, const Event& event) {
  if (IsOver(grant)) return;
  const std::string why = event.detail.empty() ? event.outcome : event.detail;
  if (grant.state == GrantState::kWaiting) {
    grant.intended = false;  // by its own signed word nothing came of the intent: no receipt is owed
    FailGrant(change, grant, host.name.Text() + " could not give it: " + why);
  } else {
    EndGrant(change, grant, "failed");
    TellRequester(change, grant, host.name.Text() + " could not keep it up: " + why);
  }
  Settle(change, grant.request, By(host));
}

std::string CauseOf(const Receipt& receipt) {
  for (const char* known : {"expired", "revoked", "returned", "condition", "failed"}) {
    if (receipt.cause == known) return known;
  }
  return "condition";
}

std::optional<Receipt> ReceiptIn(const HostRecord& host, const Event& event) {
  const auto verdict = Verify(event.attachment, Purpose::kReceipt, Role{1, {host.audit_key}});
  const auto* verified = std::get_if<Verified>(&verdict);
  if (verified == nullptr) return std::nullopt;
  auto receipt = DecodeReceipt(*verified);
  if (!receipt || receipt->host != host.id || receipt->grant.Text() != event.grant) return std::nullopt;
  return *std::move(receipt);
}

void RecordBadReceipt(Change& change, const HostRecord& host, const Event& event) {
  EventRecord alarm = OwnEvent(change, Word(EventKind::kReject), Severity::kAlarm);
  alarm.grant = event.grant;
  alarm.outcome = "malformed";
  alarm.detail = "a receipt of " + host.name.Text() + " is not its own, or is for another grant";
  change.Record(std::move(alarm));
}

void OnReceipt(Change& change, const HostRecord& host, GrantRecord& grant, const Event& event) {
  const auto receipt = ReceiptIn(host, event);
  if (!receipt) return RecordBadReceipt(change, host, event);
  if (!IsOver(grant)) {
    // The host ended it: by its clock, which may be ahead of ours, or by somebody there (revoke-all).
    EndGrant(change, grant, CauseOf(*receipt));
  }
  grant.ended = std::min(receipt->ended, change.At());  // its clock may be ahead
  grant.survivors = receipt->survivors;
  const bool clean = receipt->rule_gone && receipt->key_gone;
  if (clean) {
    grant.proof = Proof::kProved;
    grant.proved = receipt->looked;
    grant.unconfirmed_until.reset();
    grant.due.reset();
  }
  change.Keep().UpdateGrant(grant);
  Settle(change, grant.request, By(host));
}

void OnGrantEvent(Change& change, const HostRecord& host, const Event& event) {
  auto grant = GrantOf(change, host, event.grant);
  if (!grant) return;
  switch (event.kind) {
    case EventKind::kGrantIntent: return OnIntent(change, *grant);
    case EventKind::kGrantActive: return OnActive(change, host, *grant);
    case EventKind::kGrantFailed: return OnFailed(change, host, *grant, event);
    case EventKind::kReceipt: return OnReceipt(change, host, *grant, event);
    default: return;
  }
}

void Follow(Change& change, HostRecord& host, const Event& event, const std::optional<SentBundle>& sent) {
  if (event.kind == EventKind::kBundleAccepted) {
    if (sent && sent->version == event.version) {
      if (const auto offset = ClockOffset(*sent, event.at, change.At())) host.clock_offset = offset;
    }
    return OnAccepted(change, host, event);
  }
  if (event.kind == EventKind::kTaint) host.tainted = true;
  NoteDrift(change, host.id, event);
  if (!event.grant.empty()) OnGrantEvent(change, host, event);
}

EventRecord RecordOf(const HostRecord& host, const Event& event) {
  EventRecord record;
  record.seq = event.seq;
  record.at = event.at;
  record.host = host.id;
  record.host_name = host.name.Text();
  record.boot = event.boot;
  record.kind = Word(event.kind);
  record.severity = event.severity;
  record.actor = event.actor;
  record.request = event.request;
  record.grant = event.grant;
  record.outcome = event.outcome;
  record.detail = event.detail;
  record.previous = event.previous;
  record.hash = HashEvent(event);
  record.raw = EncodeEvent(event);
  return record;
}

/// Events after the last one kept; the overlap, if any, must be what we kept.
std::variant<Deny, std::vector<Event>> NewEvents(const HostRecord& host, std::vector<Event> events) {
  const auto is_new = [&](const Event& event) { return event.seq > host.seq; };
  const auto first = std::find_if(events.begin(), events.end(), is_new);
  if (first != events.begin()) {
    const Event& last_known = *std::prev(first);
    if (last_known.seq == host.seq && HashEvent(last_known) != host.head) {
      return Deny{Reason::kBrokenChain, "event " + std::to_string(host.seq) + " is not the one that was kept"};
    }
  }
  if (first == events.end()) return std::vector<Event>();
  if (first->seq != host.seq + 1) {
    return Deny{Reason::kBrokenChain, "event " + std::to_string(host.seq + 1) + " is missing; the batch goes on at " + std::to_string(first->seq)};
  }
  if (first->previous != host.head) {
    return Deny{Reason::kBrokenChain, "event " + std::to_string(first->seq) + " does not follow the last one kept"};
  }
  return std::vector<Event>(std::make_move_iterator(first), std::make_move_iterator(events.end()));
}

Verdict<TakenBatch> SealDelivered(const Change& change, const HostRecord& host, bool fresh) {
  const Delivered delivered{host.id, host.seq, host.head, change.At()};
  auto sealed = Seal(Purpose::kDelivered, EncodeDelivered(delivered), change.Keys().lease);
  if (!sealed) return Deny{Reason::kStorage, sealed.error().Text()};
  return TakenBatch{*std::move(sealed), fresh};
}

/// SealBundle and grants read the host's row; what the events change in it must be there first.
void KeepProgress(const Change& change, const HostRecord& host) {
  auto row = change.Keep().FindHost(host.id);
  if (!row) return;
  row->acked = host.acked;
  row->seq = host.seq;
  row->head = host.head;
  row->tainted = host.tainted;
  row->clock_offset = host.clock_offset;
  row->fault.clear();
  row->last_seen = change.At();
  // Nothing more is owed by a host that was removed: it gets its last answer, then its line is closed.
  if (row->leaving && CountUnproved(change, host.id) == 0) row->leaving = std::min(*row->leaving, change.At() + kLastAnswer);
  change.Keep().UpdateHost(*row);
}

}  // namespace

Verdict<TakenBatch> TakeEvents(Change& change, const HostId& id, std::string_view sealed, const std::optional<SentBundle>& sent) {
  auto host = change.Keep().FindHost(id);
  if (!host || !IsHeard(*host)) return Deny{Reason::kUnknownKey, "this host is not enrolled"};
  auto verdict = Verify(sealed, Purpose::kEvents, Role{1, {host->audit_key}});
  if (const auto* deny = Denied(verdict)) return *deny;
  auto batch = DecodeEventBatch(std::get<Verified>(verdict));
  if (!batch) return Deny{Reason::kMalformed, batch.error().Text()};
  if (batch->host != id) return Deny{Reason::kOtherHost, "the batch is of another host"};
  auto fresh = NewEvents(*host, std::move(batch->events));
  if (const auto* deny = std::get_if<Deny>(&fresh)) return *deny;
  if (std::get<std::vector<Event>>(fresh).empty()) return SealDelivered(change, *host, false);
  std::string boot;
  for (const Event& event : std::get<std::vector<Event>>(fresh)) {
    const EventRecord record = RecordOf(*host, event);
    change.Keep().AddEvent(record);
    host->seq = event.seq;
    host->head = record.hash;
    Follow(change, *host, event, sent);
    if (event.boot != boot) change.Keep().DropDriftBefore(id, event.boot);
    boot = event.boot;
  }
  KeepProgress(change, *host);
  // It may have been the last grant of an account that the policy no longer manages.
  const auto may_settle = [](const Event& event) { return event.kind == EventKind::kReceipt || event.kind == EventKind::kBundleAccepted; };
  if (std::ranges::any_of(std::get<std::vector<Event>>(fresh), may_settle) && ManagedDiffer(change, *host)) change.Reseal(id);
  return SealDelivered(change, *host, true);
}

void NoteFault(Change& change, const HostId& id, const Deny& deny, RejectRoom& room, BootInstant now) {
  auto host = change.Keep().FindHost(id);
  const std::string fault = std::string(Word(deny.reason)) + ": " + deny.detail;
  if (!host || host->fault == fault) return;
  const auto more = room.Take(now);
  if (!more) return;
  host->fault = fault;
  change.Keep().UpdateHost(*host);
  EventRecord event = OwnEvent(change, Word(EventKind::kReject), Severity::kAlarm);
  event.actor = By(*host);
  event.outcome = Word(deny.reason);
  event.detail = "a batch of events of " + host->name.Text() + " was refused: " + deny.detail + *more;
  change.Record(std::move(event));
}

}  // namespace curfew
