// SPDX-License-Identifier: Apache-2.0
// SQLite, one connection that keeps the lock: no shared memory file, one sync for each transaction.
#include "agent/enforcer/state/state_file.h"

#include "core/codec.h"

namespace curfew {
namespace {

constexpr const char* kSchema = R"(
PRAGMA cache_size=-256;
CREATE TABLE IF NOT EXISTS facts(key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS known(id TEXT PRIMARY KEY, account TEXT NOT NULL, uid INTEGER NOT NULL, login INTEGER NOT NULL,
  sudo INTEGER NOT NULL, request TEXT NOT NULL, actor TEXT NOT NULL, end_ms INTEGER NOT NULL, stage INTEGER NOT NULL,
  ended_ms INTEGER NOT NULL, cause TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS ended(id TEXT PRIMARY KEY, until_ms INTEGER NOT NULL, cause TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS spool(seq INTEGER PRIMARY KEY, event BLOB NOT NULL);
)";

Instant FromMillis(std::int64_t value) { return Instant{Millis{value}}; }
std::int64_t ToMillis(Instant at) { return at.time_since_epoch().count(); }

std::uint64_t ToNumberOr0(const std::optional<std::string>& text) {
  return text ? std::strtoull(text->c_str(), nullptr, 10) : 0;
}

}  // namespace

Result<StateFile> StateFile::Open(const std::string& path, std::string boot) {
  auto database = Database::Open(path);
  if (!database) return Failure(database.error());
  if (auto made = database->Run(kSchema); !made) return Failure(made.error());
  return StateFile(*std::move(database), std::move(boot));
}

Result<void> StateFile::Put(const char* key, std::string_view value) {
  auto statement = database_.Prepare("INSERT OR REPLACE INTO facts(key, value) VALUES(?, ?)");
  if (!statement) return Failure(statement.error());
  return statement->Bind(std::string_view(key)).BindBlob(value).Run();
}

Result<std::optional<std::string>> StateFile::Get(const char* key) {
  auto statement = database_.Prepare("SELECT value FROM facts WHERE key = ?");
  if (!statement) return Failure(statement.error());
  auto row = statement->Bind(std::string_view(key)).Step();
  if (!row) return Failure(row.error());
  if (!*row) return std::optional<std::string>();
  return std::optional<std::string>(statement->Text(0));
}

Result<void> StateFile::LoadGrants(Remembered& remembered) {
  auto known = database_.Prepare(
      "SELECT id, account, uid, login, sudo, request, actor, end_ms, stage, ended_ms, cause FROM known");
  if (!known) return Failure(known.error());
  for (auto row = known->Step();; row = known->Step()) {
    if (!row) return Failure(row.error());
    if (!*row) break;
    auto id = GrantId::Parse(known->Text(0));
    auto account = AccountName::Parse(known->Text(1));
    if (!id || !account) return Fail(Errc::kMalformed, "the table of grants holds a bad name", "state.db");
    remembered.known.emplace(
        *id, KnownGrant{*id, *account, static_cast<Uid>(known->Integer(2)), known->Integer(3) != 0, known->Integer(4) != 0,
                        known->Text(5), known->Text(6), FromMillis(known->Integer(7)),
                        static_cast<Reached>(known->Integer(8)), FromMillis(known->Integer(9)), known->Text(10)});
  }
  auto ended = database_.Prepare("SELECT id, until_ms, cause FROM ended");
  if (!ended) return Failure(ended.error());
  for (auto row = ended->Step();; row = ended->Step()) {
    if (!row) return Failure(row.error());
    if (!*row) return {};
    auto id = GrantId::Parse(ended->Text(0));
    if (!id) return Fail(Errc::kMalformed, "the table of ends holds a bad name", "state.db");
    remembered.ended.emplace(*id, EndedGrant{*id, FromMillis(ended->Integer(1)), ended->Text(2)});
  }
}

Result<Remembered> StateFile::Load() {
  Remembered remembered;
  std::map<std::string, std::optional<std::string>> facts;
  for (const char* key : {"roles", "bundle", "epoch", "version", "hash", "highest", "highest_boot", "seq", "head", "base"}) {
    auto value = Get(key);
    if (!value) return Failure(value.error());
    facts[key] = *std::move(value);
  }
  remembered.roles = facts["roles"];
  if (facts["bundle"] && facts["hash"]) {
    auto hash = ContentHash::FromBytes(*facts["hash"]);
    if (!hash) return Fail(Errc::kMalformed, "the mark's hash is damaged", "state.db");
    remembered.bundle = SealedBundle{*facts["bundle"],
                                     BundleMark{ToNumberOr0(facts["epoch"]), ToNumberOr0(facts["version"]), *hash}};
  }
  remembered.highest = TimeMark{FromMillis(static_cast<std::int64_t>(ToNumberOr0(facts["highest"]))), facts["highest_boot"] == boot_};
  base_ = ToNumberOr0(facts["base"]);
  mark_.seq = ToNumberOr0(facts["seq"]);
  if (facts["head"]) {
    auto head = ContentHash::FromBytes(*facts["head"]);
    if (!head) return Fail(Errc::kMalformed, "the spool's head is damaged", "state.db");
    mark_.head = *head;
  }
  auto depth = database_.Prepare("SELECT count(*), max(seq) FROM spool");
  if (!depth) return Failure(depth.error());
  if (auto row = depth->Step(); !row) return Failure(row.error());
  mark_.depth = static_cast<std::uint64_t>(depth->Integer(0));
  if (static_cast<std::uint64_t>(depth->Integer(1)) > mark_.seq) {
    return Fail(Errc::kMalformed, "the spool goes beyond its own count", "state.db");
  }
  remembered.spool = mark_;
  if (auto grants = LoadGrants(remembered); !grants) return Failure(grants.error());
  return remembered;
}

Result<void> StateFile::WriteEvent(Event& event, SpoolMark& mark) {
  event.seq = mark.seq + 1;
  if (event.boot.empty()) event.boot = boot_;
  event.previous = mark.head;
  auto statement = database_.Prepare("INSERT INTO spool(seq, event) VALUES(?, ?)");
  if (!statement) return Failure(statement.error());
  if (auto wrote = statement->Bind(static_cast<std::int64_t>(event.seq)).BindBlob(EncodeEvent(event)).Run(); !wrote) {
    return wrote;
  }
  mark = SpoolMark{event.seq, HashEvent(event), mark.depth + 1};
  return {};
}

Result<void> StateFile::WriteGrants(const Record& record) {
  auto known = database_.Prepare("INSERT OR REPLACE INTO known VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  if (!known) return Failure(known.error());
  for (const auto& grant : record.known) {
    known->Reset();
    auto wrote = known->Bind(std::string_view(grant.id.Text())).Bind(std::string_view(grant.account.Text()))
                     .Bind(std::int64_t{grant.uid}).Bind(std::int64_t{grant.login}).Bind(std::int64_t{grant.sudo})
                     .Bind(std::string_view(grant.request)).Bind(std::string_view(grant.actor)).Bind(ToMillis(grant.end))
                     .Bind(static_cast<std::int64_t>(grant.reached)).Bind(ToMillis(grant.ended))
                     .Bind(std::string_view(grant.cause)).Run();
    if (!wrote) return wrote;
  }
  auto ended = database_.Prepare("INSERT OR IGNORE INTO ended VALUES(?, ?, ?)");
  if (!ended) return Failure(ended.error());
  for (const auto& grant : record.ended) {
    ended->Reset();
    auto wrote = ended->Bind(std::string_view(grant.id.Text())).Bind(ToMillis(grant.until))
                     .Bind(std::string_view(grant.cause)).Run();
    if (!wrote) return wrote;
  }
  for (const auto& id : record.forgotten) {
    for (const char* sql : {"DELETE FROM known WHERE id = ?", "DELETE FROM ended WHERE id = ?"}) {
      auto gone = database_.Prepare(sql);
      if (!gone) return Failure(gone.error());
      if (auto ran = gone->Bind(std::string_view(id.Text())).Run(); !ran) return ran;
    }
  }
  return {};
}

Result<void> StateFile::Trim(std::uint64_t delivered) {
  auto statement = database_.Prepare("DELETE FROM spool WHERE seq <= ?");
  if (!statement) return Failure(statement.error());
  return statement->Bind(static_cast<std::int64_t>(delivered)).Run();
}

Result<void> StateFile::GoOnAfter(const SpoolMark& kept, SpoolMark& mark) {
  auto all = Take("SELECT event FROM spool ORDER BY seq", SIZE_MAX);
  if (!all) return Failure(all.error());
  if (auto emptied = database_.Run("DELETE FROM spool"); !emptied) return emptied;
  mark = SpoolMark{kept.seq, kept.head, 0};
  for (auto& event : *all) {
    if (auto wrote = WriteEvent(event, mark); !wrote) return wrote;
  }
  return Put("base", std::to_string(kept.seq));
}

Result<void> StateFile::WriteOne(Record& record, SpoolMark& mark) {
  if (record.roles) {
    if (auto put = Put("roles", *record.roles); !put) return put;
  }
  if (record.bundle) {
    const auto& [sealed, bundle] = *record.bundle;
    const std::pair<const char*, std::string> facts[] = {{"bundle", sealed},
                                                         {"epoch", std::to_string(bundle.epoch)},
                                                         {"version", std::to_string(bundle.version)},
                                                         {"hash", std::string(bundle.hash.Raw())}};
    for (const auto& [key, value] : facts) {
      if (auto put = Put(key, value); !put) return put;
    }
  }
  if (record.signed_time) {
    auto put = Put("highest", std::to_string(ToMillis(*record.signed_time)));
    if (put) put = Put("highest_boot", boot_);
    if (!put) return put;
  }
  if (record.kept) {
    if (auto moved = GoOnAfter(*record.kept, mark); !moved) return moved;
  }
  for (auto& event : record.events) {
    if (auto wrote = WriteEvent(event, mark); !wrote) return wrote;
  }
  if (record.delivered) {
    if (auto trimmed = Trim(*record.delivered); !trimmed) return trimmed;
    mark.depth -= std::min(mark.depth, static_cast<std::uint64_t>(database_.Changes()));
  }
  if (record.known.empty() && record.ended.empty() && record.forgotten.empty()) return {};
  return WriteGrants(record);
}

Result<SpoolMark> StateFile::Write(std::vector<Record>& records) {
  auto transaction = Transaction::Begin(database_);
  if (!transaction) return Failure(transaction.error());
  SpoolMark mark = mark_;
  std::uint64_t base = base_;
  for (auto& record : records) {
    if (auto wrote = WriteOne(record, mark); !wrote) return Failure(wrote.error());
    if (record.kept) base = record.kept->seq;
  }
  // Also where no event is new: a write that was tried must have touched the disk.
  auto put = Put("seq", std::to_string(mark.seq));
  if (put) put = Put("head", mark.head.Raw());
  if (!put) return Failure(put.error());
  if (auto done = transaction->Commit(); !done) return Failure(done.error());
  mark_ = mark;
  base_ = base;
  return mark_;
}

Result<std::vector<Event>> StateFile::Oldest(std::size_t most) {
  // One alone until something of ours was taken: should the controller hold more than we remember, it says so to that one.
  const std::size_t count = IsFollowed() ? kMaxEvents : 1;
  return Take("SELECT event FROM spool ORDER BY seq LIMIT " + std::to_string(count), most);
}

Result<std::vector<Event>> StateFile::Take(const std::string& query, std::size_t most) {
  auto statement = database_.Prepare(query);
  if (!statement) return Failure(statement.error());
  std::vector<Event> events;
  for (std::size_t size = 0;;) {
    auto row = statement->Step();
    if (!row) return Failure(row.error());
    if (!*row) return events;
    const std::string bytes = statement->Text(0);
    size += bytes.size() + 8;
    if (size > most && !events.empty()) return events;
    auto event = DecodeEvent(bytes);
    if (!event) return Failure(event.error());
    events.push_back(*std::move(event));
  }
}

Result<ContentHash> StateFile::HashOf(std::uint64_t seq) {
  auto statement = database_.Prepare("SELECT event FROM spool WHERE seq = ?");
  if (!statement) return Failure(statement.error());
  auto row = statement->Bind(static_cast<std::int64_t>(seq)).Step();
  if (!row) return Failure(row.error());
  if (!*row) return Fail(Errc::kNotFound, "the spool has no event " + std::to_string(seq), "state.db");
  auto event = DecodeEvent(statement->Text(0));
  if (!event) return Failure(event.error());
  return HashEvent(*event);
}

}  // namespace curfew
