// SPDX-License-Identifier: Apache-2.0
// What a host says, and the controller's receipt for it. A batch passes only whole: its numbers rise by one and each
// event holds the hash of the one before.
#include <algorithm>

#include "core/codec.h"
#include "core/codec_fields.h"
#include "core/plain_text.h"
#include "core/signature.h"
#include "proto/sealed.pb.h"

namespace curfew {
namespace {

constexpr std::size_t kLongestDetail = 1024;
constexpr std::size_t kLongestShort = 128;

constexpr Field kSurvivorFields[] = {
    Field::Number(1, "pid", kMostSigned32),
    Field::Number(2, "uid", kMostUnsigned32),
    Field::Bytes(3, "command", kLongestSurvivorText),
    Field::Bytes(4, "unit", kLongestSurvivorText),
};
constexpr Field kReceiptFields[] = {
    Field::Bytes(1, "host", kLongestDigest),
    Field::Bytes(2, "grant", kLongestId),
    Field::Number(3, "ended_ms", kMostMillis),
    Field::Number(4, "looked_ms", kMostMillis),
    Field::Bytes(5, "cause", kLongestWord),
    Field::Flag(6, "rule_gone"),
    Field::Flag(7, "key_gone"),
    Field::Messages(8, "survivors", kSurvivorFields, kMaxSurvivors),
};
constexpr Field kEventFields[] = {
    Field::Number(1, "seq", kMostUnsigned),
    Field::Number(2, "at_ms", kMostMillis),
    Field::Bytes(3, "boot", kLongestShort),
    Field::Number(4, "kind", static_cast<std::uint64_t>(EventKind::kUnknownOutcome)),
    Field::Number(5, "severity", static_cast<std::uint64_t>(Severity::kAlarm)),
    Field::Bytes(6, "actor", kLongestShort),
    Field::Bytes(7, "request", kLongestShort),
    Field::Bytes(8, "grant", kLongestShort),
    Field::Bytes(9, "outcome", kLongestShort),
    Field::Bytes(10, "detail", kLongestDetail),
    Field::Number(11, "version", kMostUnsigned),
    Field::Bytes(12, "attachment", kMaxAttachment),
    Field::Bytes(13, "previous", kLongestDigest),
};
constexpr Field kBatchFields[] = {
    Field::Bytes(1, "host", kLongestDigest),
    Field::Messages(2, "events", kEventFields, kMaxEvents),
};
constexpr Field kDeliveredFields[] = {
    Field::Bytes(1, "host", kLongestDigest),
    Field::Number(2, "seq", kMostUnsigned),
    Field::Bytes(3, "head", kLongestDigest),
    Field::Number(4, "at_ms", kMostMillis),
};

void WriteEvent(const Event& event, proto::Event& to) {
  to.set_seq(event.seq);
  to.set_at_ms(WriteMillis(event.at));
  to.set_boot(event.boot);
  to.set_kind(static_cast<std::uint32_t>(event.kind));
  to.set_severity(static_cast<std::uint32_t>(event.severity));
  to.set_actor(event.actor);
  to.set_request(event.request);
  to.set_grant(event.grant);
  to.set_outcome(event.outcome);
  to.set_detail(event.detail);
  to.set_version(event.version);
  to.set_attachment(event.attachment);
  to.set_previous(std::string(event.previous.Raw()));
}

Result<Event> ReadEvent(const proto::Event& from) {
  auto boot = ReadText("boot", from.boot(), kLongestShort);
  auto actor = ReadText("actor", from.actor(), kLongestShort);
  auto request = ReadText("request", from.request(), kLongestShort);
  auto grant = ReadText("grant", from.grant(), kLongestShort);
  auto outcome = ReadText("outcome", from.outcome(), kLongestShort);
  auto detail = ReadText("detail", from.detail(), kLongestDetail);
  auto previous = At("previous", ContentHash::FromBytes(from.previous()));
  if (auto error = FirstError(boot, actor, request, grant, outcome, detail, previous)) return Failure(std::move(*error));
  if (from.seq() == 0) return Fail(Errc::kMalformed, "events are numbered from 1", "seq");
  if (from.kind() == 0 || from.severity() == 0) return Fail(Errc::kMalformed, "without kind or severity");
  return Event{.seq = from.seq(),
               .at = ReadMillis(from.at_ms()),
               .boot = std::move(*boot),
               .kind = static_cast<EventKind>(from.kind()),
               .severity = static_cast<Severity>(from.severity()),
               .actor = std::move(*actor),
               .request = std::move(*request),
               .grant = std::move(*grant),
               .outcome = std::move(*outcome),
               .detail = std::move(*detail),
               .version = from.version(),
               .attachment = from.attachment(),
               .previous = *previous};
}

Result<Survivor> ReadSurvivor(const proto::Survivor& from) {
  auto command = ReadText("command", from.command(), kLongestSurvivorText);
  auto unit = ReadText("unit", from.unit(), kLongestSurvivorText);
  if (auto error = FirstError(command, unit)) return Failure(std::move(*error));
  return Survivor{from.pid(), from.uid(), std::move(*command), std::move(*unit)};
}

Result<void> CheckChain(const std::vector<Event>& events) {
  for (std::size_t i = 1; i < events.size(); ++i) {
    if (events[i].seq - 1 != events[i - 1].seq) {
      return Fail(Errc::kMalformed, fmt::format("number {} after {}", events[i].seq, events[i - 1].seq),
                  fmt::format("events[{}].seq", i));
    }
    if (events[i].previous != HashEvent(events[i - 1])) {
      return Fail(Errc::kMalformed, "is not the hash of the event before", fmt::format("events[{}].previous", i));
    }
  }
  return {};
}

}  // namespace

std::string EncodeReceipt(const Receipt& receipt) {
  proto::Receipt to;
  to.set_host(std::string(receipt.host.Raw()));
  to.set_grant(receipt.grant.Text());
  to.set_ended_ms(WriteMillis(receipt.ended));
  to.set_looked_ms(WriteMillis(receipt.looked));
  to.set_cause(receipt.cause);
  to.set_rule_gone(receipt.rule_gone);
  to.set_key_gone(receipt.key_gone);
  for (const Survivor& survivor : receipt.survivors) {
    proto::Survivor* entry = to.add_survivors();
    entry->set_pid(survivor.pid);
    entry->set_uid(survivor.uid);
    entry->set_command(survivor.command);
    entry->set_unit(survivor.unit);
  }
  return to.SerializeAsString();
}

Result<Receipt> DecodeReceipt(const Verified& body) {
  auto from = ParseSigned<proto::Receipt>(body, Purpose::kReceipt, kReceiptFields);
  if (!from) return Failure(std::move(from.error()));
  auto host = At("host", HostId::FromBytes(from->host()));
  auto grant = At("grant", GrantId::Parse(from->grant()));
  auto cause = ReadWord("cause", from->cause());
  auto survivors = ReadEach("survivors", from->survivors(), ReadSurvivor);
  if (auto error = FirstError(host, grant, cause, survivors)) return Failure(std::move(*error));
  return Receipt{.host = *host,
                 .grant = std::move(*grant),
                 .ended = ReadMillis(from->ended_ms()),
                 .looked = ReadMillis(from->looked_ms()),
                 .cause = std::move(*cause),
                 .rule_gone = from->rule_gone(),
                 .key_gone = from->key_gone(),
                 .survivors = std::move(*survivors)};
}

std::string EncodeEventBatch(const EventBatch& batch) {
  proto::EventBatch to;
  to.set_host(std::string(batch.host.Raw()));
  for (const Event& event : batch.events) WriteEvent(event, *to.add_events());
  return to.SerializeAsString();
}

Result<EventBatch> DecodeEventBatch(const Verified& body) {
  auto from = ParseSigned<proto::EventBatch>(body, Purpose::kEvents, kBatchFields);
  if (!from) return Failure(std::move(from.error()));
  auto host = At("host", HostId::FromBytes(from->host()));
  auto events = ReadEach("events", from->events(), ReadEvent);
  if (auto error = FirstError(host, events)) return Failure(std::move(*error));
  if (auto chain = CheckChain(*events); !chain) return Failure(std::move(chain.error()));
  return EventBatch{*host, std::move(*events)};
}

std::string EncodeDelivered(const Delivered& delivered) {
  proto::Delivered to;
  to.set_host(std::string(delivered.host.Raw()));
  to.set_seq(delivered.seq);
  to.set_head(std::string(delivered.head.Raw()));
  to.set_at_ms(WriteMillis(delivered.at));
  return to.SerializeAsString();
}

Result<Delivered> DecodeDelivered(const Verified& body) {
  auto from = ParseSigned<proto::Delivered>(body, Purpose::kDelivered, kDeliveredFields);
  if (!from) return Failure(std::move(from.error()));
  auto host = At("host", HostId::FromBytes(from->host()));
  auto head = At("head", ContentHash::FromBytes(from->head()));
  if (auto error = FirstError(host, head)) return Failure(std::move(*error));
  return Delivered{*host, from->seq(), *head, ReadMillis(from->at_ms())};
}

Event Readable(Event event) {
  const auto mend = [](std::string& text, std::size_t longest) {
    if (!IsPlainText(text, longest)) text = CutText(Escaped(text), longest);
  };
  for (auto* text : {&event.boot, &event.actor, &event.request, &event.grant, &event.outcome}) mend(*text, kLongestShort);
  mend(event.detail, kLongestDetail);
  if (event.attachment.size() > kMaxAttachment) event.attachment.clear();
  event.at = std::clamp(event.at, Instant{}, kEndOfTime);
  return event;
}

ContentHash HashEvent(const Event& event) { return Sha256(EncodeEvent(event)); }

std::string EncodeEvent(const Event& event) {
  proto::Event to;
  WriteEvent(event, to);
  return to.SerializeAsString();
}

Result<Event> DecodeEvent(std::string_view bytes) {
  auto from = ParseMessage<proto::Event>(bytes, kEventFields);
  if (!from) return Failure(std::move(from.error()));
  return ReadEvent(*from);
}

}  // namespace curfew
