// SPDX-License-Identifier: Apache-2.0
// SQLite, one connection that keeps the lock: no shared memory file, one sync for each transaction.
#include "agent/enforcer/state/state_file.h"

#include <cstdlib>
#include <utility>

#include "agent/enforcer/state/facts.h"

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

constexpr const char* kTables[] = {"facts", "known", "ended", "spool"};
constexpr const char* kTimeBoot = "time_boot";
constexpr const char* kBundleTime = "bundle_time";
constexpr const char* kBundleHeard = "bundle_heard";
constexpr const char* kReceiptTime = "receipt_time";
constexpr const char* kReceiptHeard = "receipt_heard";
constexpr const char* kLifted = "receipt_lifted";

Instant FromMillis(std::int64_t value) { return Instant{Millis{value}}; }
std::int64_t ToMillis(Instant at) { return at.time_since_epoch().count(); }

// Half a second, cold, on a slow disk; pages have 4096 bytes.
constexpr std::int64_t kMostPagesChecked = 4096;

// SQLite finds a damaged page only when it comes upon it: that must not be in the middle of an end.
Result<void> CheckBy(Database& database, const std::string& pragma) {
  auto statement = database.Prepare(pragma);
  if (!statement) return Failure(statement.error());
  auto row = statement->Step();
  if (!row) return Failure(row.error());
  if (*row && statement->Text(0) == "ok") return {};
  return Fail(Errc::kMalformed, "is damaged: " + statement->Text(0), "state.db");
}

}  // namespace

Result<StateFile> StateFile::Open(const std::string& path, std::string boot) {
  auto database = Database::Open(path);
  if (!database) return Failure(database.error());
  if (auto made = database->Run(kSchema); !made) return Failure(made.error());
  return StateFile(*std::move(database), std::move(boot));
}

Result<std::optional<std::uint64_t>> StateFile::BelongTo(const ContentHash& owner) {
  constexpr const char* kOwner = "owner";
  const auto before = GetFact(database_, kOwner);
  if (!before) return Failure(before.error());
  if (*before && **before == owner.Raw()) return std::optional<std::uint64_t>();
  if (auto loaded = spool_.Load(database_); !loaded) return Failure(loaded.error());
  auto transaction = Transaction::Begin(database_);
  if (!transaction) return Failure(transaction.error());
  if (*before) {
    const auto theirs = ContentHash::FromBytes(**before);
    if (!theirs) return Fail(Errc::kMalformed, "the owner's name is damaged", "state.db");
    if (auto put = PutBy(*theirs, owner); !put) return Failure(put.error());
  }
  if (auto put = PutFact(database_, kOwner, owner.Raw()); !put) return Failure(put.error());
  if (auto done = transaction->Commit(); !done) return Failure(done.error());
  return *before ? std::optional<std::uint64_t>(spool_.Mark().depth) : std::nullopt;
}

// Renamed and not copied: a spool may be large, and a start has its time.
Result<void> StateFile::PutBy(const ContentHash& theirs, const ContentHash& ours) {
  const auto name_of = [](const char* table, const ContentHash& owner) { return std::string(table) + "_of_" + owner.Hex(); };
  for (const char* table : kTables) {
    auto put = database_.Run("ALTER TABLE " + std::string(table) + " RENAME TO " + name_of(table, theirs));
    if (!put) return put;
  }
  auto kept = database_.Prepare("SELECT 1 FROM sqlite_master WHERE name = ?");
  if (!kept) return Failure(kept.error());
  const auto found = kept->Bind(std::string_view(name_of(kTables[0], ours))).Step();
  if (!found) return Failure(found.error());
  kept->Reset();
  for (const char* table : kTables) {
    auto taken = *found ? database_.Run("ALTER TABLE " + name_of(table, ours) + " RENAME TO " + table) : Result<void>();
    if (!taken) return taken;
  }
  return database_.Run(kSchema);
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

Result<std::optional<SealedBundle>> StateFile::Bundle() {
  auto sealed = GetFact(database_, "bundle");
  auto hash = GetFact(database_, "hash");
  const auto epoch = GetNumber(database_, "epoch");
  const auto version = GetNumber(database_, "version");
  if (!sealed) return Failure(sealed.error());
  if (!hash) return Failure(hash.error());
  if (!epoch) return Failure(epoch.error());
  if (!version) return Failure(version.error());
  if (!*sealed || !*hash) return std::optional<SealedBundle>();
  auto mark = ContentHash::FromBytes(**hash);
  if (!mark) return Fail(Errc::kMalformed, "the mark's hash is damaged", "state.db");
  return SealedBundle{**std::move(sealed), BundleMark{*epoch, *version, *mark}};
}

Result<TimeLine> StateFile::LoadLine(const char* at_key, const char* heard_key, bool is_of_this_boot) {
  const auto at = GetNumber(database_, at_key);
  const auto heard = GetFact(database_, heard_key);
  if (!at) return Failure(at.error());
  if (!heard) return Failure(heard.error());
  TimeLine line{FromMillis(static_cast<std::int64_t>(*at)), std::nullopt};
  if (is_of_this_boot && *heard && !(*heard)->empty()) line.heard = BootInstant{Millis{std::strtoll((*heard)->c_str(), nullptr, 10)}};
  return line;
}

Result<TimeMark> StateFile::LoadTime() {
  const auto boot = GetFact(database_, kTimeBoot);
  const auto lifted = GetNumber(database_, kLifted);
  if (!boot) return Failure(boot.error());
  if (!lifted) return Failure(lifted.error());
  const bool is_of_this_boot = *boot == boot_;
  const auto bundle = LoadLine(kBundleTime, kBundleHeard, is_of_this_boot);
  const auto receipt = LoadLine(kReceiptTime, kReceiptHeard, is_of_this_boot);
  if (!bundle) return Failure(bundle.error());
  if (!receipt) return Failure(receipt.error());
  return TimeMark{*bundle, *receipt, Millis{is_of_this_boot ? static_cast<std::int64_t>(*lifted) : 0}};
}

// sshd waits at boot until we are ready, and systemd ends what is not in time: a spool that grew while the host was cut off
// is not read for this, only what says who may come in.
Result<void> StateFile::Check() {
  auto pages = database_.Prepare("PRAGMA page_count");
  if (!pages) return Failure(pages.error());
  if (auto row = pages->Step(); !row) return Failure(row.error());
  const bool is_small = pages->Integer(0) <= kMostPagesChecked;
  pages->Reset();
  if (is_small) return CheckBy(database_, "PRAGMA quick_check(1)");
  for (const char* table : {"facts", "known", "ended"}) {
    if (auto whole = CheckBy(database_, std::string("PRAGMA quick_check(") + table + ")"); !whole) return whole;
  }
  return {};
}

Result<Remembered> StateFile::LoadSpool() {
  if (auto whole = Check(); !whole) return Failure(whole.error());
  if (auto loaded = spool_.Load(database_); !loaded) return Failure(loaded.error());
  Remembered remembered;
  remembered.spool = spool_.Mark();
  return remembered;
}

Result<Remembered> StateFile::Load() {
  auto loaded = LoadSpool();
  if (!loaded) return loaded;
  Remembered remembered = *std::move(loaded);
  auto roles = GetFact(database_, "roles");
  auto bundle = Bundle();
  auto time = LoadTime();
  if (!roles) return Failure(roles.error());
  if (!bundle) return Failure(bundle.error());
  if (!time) return Failure(time.error());
  remembered.roles = *std::move(roles);
  remembered.bundle = *std::move(bundle);
  remembered.time = *time;
  if (auto grants = LoadGrants(remembered); !grants) return Failure(grants.error());
  return remembered;
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

Result<void> StateFile::WriteBundle(const SealedBundle& bundle) {
  const std::pair<const char*, std::string> facts[] = {{"bundle", bundle.sealed},
                                                       {"epoch", std::to_string(bundle.mark.epoch)},
                                                       {"version", std::to_string(bundle.mark.version)},
                                                       {"hash", std::string(bundle.mark.hash.Raw())}};
  for (const auto& [key, value] : facts) {
    if (auto put = PutFact(database_, key, value); !put) return put;
  }
  return {};
}

Result<void> StateFile::WriteTime(const TimeMark& mark) {
  if (!IsOfThisBoot(mark)) return {};
  const auto text = [](const std::optional<BootInstant>& heard) {
    return heard ? std::to_string(heard->time_since_epoch().count()) : std::string();
  };
  const std::pair<const char*, std::string> facts[] = {{kTimeBoot, boot_},
                                                       {kBundleTime, std::to_string(ToMillis(mark.bundle.at))},
                                                       {kBundleHeard, text(mark.bundle.heard)},
                                                       {kReceiptTime, std::to_string(ToMillis(mark.receipt.at))},
                                                       {kReceiptHeard, text(mark.receipt.heard)},
                                                       {kLifted, std::to_string(mark.lifted.count())}};
  for (const auto& [key, value] : facts) {
    if (auto put = PutFact(database_, key, value); !put) return put;
  }
  return {};
}

Result<void> StateFile::WriteOne(Record& record, Spool& spool) {
  Result<void> wrote;
  if (record.roles) wrote = PutFact(database_, "roles", *record.roles);
  if (wrote && record.bundle) wrote = WriteBundle(*record.bundle);
  if (wrote && record.time) wrote = WriteTime(*record.time);
  if (wrote && record.kept) wrote = spool.GoOnAfter(database_, *record.kept);
  for (auto& event : record.events) {
    if (wrote) wrote = spool.Add(database_, event);
  }
  if (wrote && record.delivered) wrote = spool.Trim(database_, *record.delivered);
  if (!wrote || (record.known.empty() && record.ended.empty() && record.forgotten.empty())) return wrote;
  return WriteGrants(record);
}

Result<SpoolMark> StateFile::Write(std::vector<Record>& records) {
  auto transaction = Transaction::Begin(database_);
  if (!transaction) return Failure(transaction.error());
  Spool spool = spool_;
  for (auto& record : records) {
    if (auto wrote = WriteOne(record, spool); !wrote) return Failure(wrote.error());
  }
  // Also where no event is new: a write that was tried must have touched the disk.
  if (auto put = spool.PutMark(database_); !put) return Failure(put.error());
  if (auto done = transaction->Commit(); !done) return Failure(done.error());
  spool_ = std::move(spool);
  return spool_.Mark();
}

Result<void> StateFile::Mend() {
  auto transaction = Transaction::Begin(database_);
  if (!transaction) return Failure(transaction.error());
  Spool spool = spool_;
  auto wrote = spool.Mend(database_);
  if (wrote) wrote = spool.PutMark(database_);
  if (wrote) wrote = transaction->Commit();
  if (wrote) spool_ = std::move(spool);
  return wrote;
}

}  // namespace curfew
