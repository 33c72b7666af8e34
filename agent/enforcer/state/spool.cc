// SPDX-License-Identifier: Apache-2.0
// Facts beside the table: the last number and hash (seq, head), the hash before the oldest event (tail), and base.
#include "agent/enforcer/state/spool.h"

#include "agent/enforcer/state/facts.h"
#include "core/codec.h"
#include "os/machine.h"

namespace curfew {
namespace {

Event LostEvent(const Error& why) {
  Event event;
  event.at = ReadNow().utc;
  event.kind = EventKind::kRecovered;
  event.severity = Severity::kAlarm;
  event.outcome = "unreadable";
  event.detail = "what this event said is lost, the disk does not give it back: " + why.Text();
  return event;
}

// All zero before the first event of all.
Result<ContentHash> GetHash(Database& database, const char* key) {
  const auto raw = GetFact(database, key);
  if (!raw) return Failure(raw.error());
  if (!*raw) return ContentHash();
  auto hash = ContentHash::FromBytes(**raw);
  if (!hash) return Fail(Errc::kMalformed, std::string("a hash of the spool is damaged: ") + key, "state.db");
  return hash;
}

}  // namespace

Result<void> Spool::Load(Database& database) {
  auto seq = GetNumber(database, "seq");
  auto base = GetNumber(database, "base");
  auto head = GetHash(database, "head");
  if (!seq) return Failure(seq.error());
  if (!base) return Failure(base.error());
  if (!head) return Failure(head.error());
  auto depth = database.Prepare("SELECT count(*), max(seq) FROM spool");
  if (!depth) return Failure(depth.error());
  if (auto row = depth->Step(); !row) return Failure(row.error());
  if (static_cast<std::uint64_t>(depth->Integer(1)) > *seq) {
    return Fail(Errc::kMalformed, "the spool goes beyond its own count", "state.db");
  }
  mark_ = SpoolMark{*seq, *head, static_cast<std::uint64_t>(depth->Integer(0))};
  base_ = *base;
  return {};
}

Result<void> Spool::Add(Database& database, Event& event) {
  if (event.boot.empty()) event.boot = boot_;
  event = Readable(std::move(event));
  event.seq = mark_.seq + 1;
  event.previous = mark_.head;
  auto statement = database.Prepare("INSERT INTO spool(seq, event) VALUES(?, ?)");
  if (!statement) return Failure(statement.error());
  auto wrote = statement->Bind(static_cast<std::int64_t>(event.seq)).BindBlob(EncodeEvent(event)).Run();
  if (wrote) mark_ = SpoolMark{event.seq, HashEvent(event), mark_.depth + 1};
  return wrote;
}

Result<void> Spool::Trim(Database& database, std::uint64_t delivered) {
  // What comes next holds the hash of the last one that goes, and may have to be written anew.
  if (const auto last = HashOf(database, delivered)) {
    if (auto put = PutFact(database, "tail", last->Raw()); !put) return put;
  }
  auto statement = database.Prepare("DELETE FROM spool WHERE seq <= ?");
  if (!statement) return Failure(statement.error());
  auto gone = statement->Bind(static_cast<std::int64_t>(delivered)).Run();
  if (gone) mark_.depth -= std::min(mark_.depth, static_cast<std::uint64_t>(database.Changes()));
  return gone;
}

Result<void> Spool::WriteAnew(Database& database, const SpoolMark& before) {
  std::vector<Event> events;
  auto rows = database.Prepare("SELECT event FROM spool ORDER BY seq");
  if (!rows) return Failure(rows.error());
  for (auto row = rows->Step();; row = rows->Step()) {
    if (!row) return Failure(row.error());
    if (!*row) break;
    auto event = DecodeEvent(rows->Text(0));
    events.push_back(event ? *std::move(event) : LostEvent(event.error()));
  }
  if (auto emptied = database.Run("DELETE FROM spool"); !emptied) return emptied;
  mark_ = SpoolMark{before.seq, before.head, 0};
  for (auto& event : events) {
    if (auto wrote = Add(database, event); !wrote) return wrote;
  }
  return PutFact(database, "tail", before.head.Raw());
}

Result<void> Spool::GoOnAfter(Database& database, const SpoolMark& kept) {
  if (auto moved = WriteAnew(database, kept); !moved) return moved;
  base_ = kept.seq;
  return PutFact(database, "base", std::to_string(base_));
}

Result<void> Spool::Mend(Database& database) {
  const auto tail = GetHash(database, "tail");
  if (!tail) return Failure(tail.error());
  return WriteAnew(database, SpoolMark{mark_.seq - mark_.depth, *tail, 0});
}

Result<void> Spool::PutMark(Database& database) const {
  auto put = PutFact(database, "seq", std::to_string(mark_.seq));
  return put ? PutFact(database, "head", mark_.head.Raw()) : put;
}

Result<std::vector<Event>> Spool::Oldest(Database& database, std::size_t most) const {
  // One alone until something of ours was taken: should the controller hold more than we remember, it says so to that one.
  const std::size_t count = IsFollowed() ? kMaxEvents : 1;
  auto statement = database.Prepare("SELECT event FROM spool ORDER BY seq LIMIT ?");
  if (!statement) return Failure(statement.error());
  statement->Bind(static_cast<std::int64_t>(count));
  std::vector<Event> events;
  for (std::size_t size = 0;;) {
    auto row = statement->Step();
    if (!row) return Failure(row.error());
    if (!*row) return events;
    const std::string bytes = statement->Text(0);
    size += bytes.size() + 8;
    if (size > most && !events.empty()) return events;
    auto event = DecodeEvent(bytes);
    if (!event && events.empty()) return Failure(event.error());
    if (!event) return events;
    events.push_back(*std::move(event));
  }
}

Result<Event> Spool::Read(Database& database, std::uint64_t seq) {
  auto statement = database.Prepare("SELECT event FROM spool WHERE seq = ?");
  if (!statement) return Failure(statement.error());
  auto row = statement->Bind(static_cast<std::int64_t>(seq)).Step();
  if (!row) return Failure(row.error());
  if (!*row) return Fail(Errc::kNotFound, "the spool has no event " + std::to_string(seq), "state.db");
  return DecodeEvent(statement->Text(0));
}

// What follows holds it, also where the event itself cannot be read back.
Result<ContentHash> Spool::HashOf(Database& database, std::uint64_t seq) const {
  const auto own = Read(database, seq);
  if (own) return HashEvent(*own);
  if (own.error().code != Errc::kMalformed) return Failure(own.error());
  if (seq == mark_.seq) return mark_.head;
  const auto next = Read(database, seq + 1);
  return next ? Result<ContentHash>(next->previous) : Result<ContentHash>(Failure(own.error()));
}

}  // namespace curfew
