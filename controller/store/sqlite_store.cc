// SPDX-License-Identifier: Apache-2.0
// Opening, transactions, statements, and what fits nowhere else: policy, notices, idempotency.
#include "controller/store/sqlite_store.h"

#include <fmt/format.h>

#include "controller/store/schema.h"

namespace curfew {
namespace {

class SqliteUnit final : public Store::Unit {
 public:
  explicit SqliteUnit(Transaction transaction) : transaction_(std::move(transaction)) {}
  void Commit() override {
    if (auto done = transaction_.Commit(); !done) throw StoreFailure(done.error().Text());
  }

 private:
  Transaction transaction_;
};

Result<std::int64_t> SchemaVersion(Database& database) {
  auto statement = database.Prepare("PRAGMA user_version");
  if (!statement) return Failure(statement.error());
  auto row = statement->Step();
  if (!row) return Failure(row.error());
  return statement->Integer(0);
}

Error WithWayOut(Error error) {
  if (error.hint.empty()) error.hint = "stop serve; if the file is damaged, put your copy of the folder in its place";
  return error;
}

Result<void> MakeSchema(Database& database, const std::string& path) {
  auto transaction = Transaction::Begin(database);
  if (!transaction) return Failure(transaction.error());
  const auto version = SchemaVersion(database);
  if (!version) return Failure(version.error());
  if (*version == kSchemaVersion) return {};
  if (*version > kSchemaVersion) {
    return Fail(Errc::kRefused, "the store was written by a newer version of Curfew (schema " + std::to_string(*version) + ")",
                path, "install the version that wrote it, or a newer one");
  }
  for (auto step = static_cast<std::size_t>(*version); step < kSchemaSteps.size(); ++step) {
    if (auto made = database.Run(kSchemaSteps.at(step)); !made) return made;
  }
  if (auto marked = database.Run(fmt::format("PRAGMA user_version = {}", kSchemaVersion)); !marked) return marked;
  return transaction->Commit();
}

}  // namespace

Query& Query::Bind(std::int64_t value) {
  statement_.Bind(value);
  return *this;
}

Query& Query::Bind(std::string_view text) {
  statement_.Bind(text);
  return *this;
}

Query& Query::Bind(const std::optional<Instant>& at) {
  if (at) return Bind(*at);
  statement_.BindNull();
  return *this;
}

Query& Query::Bind(const std::optional<Millis>& length) {
  if (length) return Bind(std::int64_t{length->count()});
  statement_.BindNull();
  return *this;
}

Query& Query::Blob(std::string_view bytes) {
  statement_.BindBlob(bytes);
  return *this;
}

Query& Query::Blob(const std::optional<ContentHash>& hash) {
  if (hash) return Blob(hash->Raw());
  statement_.BindNull();
  return *this;
}

bool Query::Next() {
  auto more = statement_.Step();
  if (!more) throw StoreFailure(more.error().Text());
  return *more;
}

void Query::Run() {
  while (Next()) {
  }
}

std::optional<Instant> Query::MaybeAt(int column) const {
  if (statement_.IsNull(column)) return std::nullopt;
  return At(column);
}

Result<std::unique_ptr<SqliteStore>> SqliteStore::Open(const std::string& path) {
  auto database = Database::Open(path);
  if (!database) return Failure(WithWayOut(database.error()));
  if (auto made = MakeSchema(*database, path); !made) return Failure(WithWayOut(made.error()));
  return std::unique_ptr<SqliteStore>(new SqliteStore(std::move(*database)));  // NOLINT: the constructor is private
}

std::unique_ptr<Store::Unit> SqliteStore::Begin() {
  auto transaction = Transaction::Begin(database_);
  if (!transaction) throw StoreFailure(transaction.error().Text());
  return std::make_unique<SqliteUnit>(std::move(*transaction));
}

Statement& SqliteStore::Sql(const char* sql) {
  const auto found = statements_.find(sql);
  if (found != statements_.end()) return found->second;
  auto statement = database_.Prepare(sql);
  if (!statement) throw StoreFailure(statement.error().Text());
  return statements_.emplace(sql, std::move(*statement)).first->second;
}

std::int64_t SqliteStore::Generation() {
  Query query(Sql("PRAGMA data_version"));
  query.Next();
  return query.Integer(0);
}

std::uint64_t SqliteStore::AddPolicy(std::string_view text, Instant at) {
  Query(Sql("INSERT INTO policy(text, at) VALUES(?, ?)")).Bind(text).Bind(at).Run();
  return static_cast<std::uint64_t>(database_.LastRow());
}

std::uint64_t SqliteStore::PolicyVersion() {
  Query query(Sql("SELECT COALESCE(MAX(version), 0) FROM policy"));
  query.Next();
  return query.Unsigned(0);
}

std::optional<PolicyRecord> SqliteStore::CurrentPolicy() {
  Query query(Sql("SELECT version, text FROM policy ORDER BY version DESC LIMIT 1"));
  if (!query.Next()) return std::nullopt;
  return PolicyRecord{query.Unsigned(0), query.Text(1)};
}

// Whoever never looks has the newest, not all.
void SqliteStore::AddNotice(const NoticeRecord& notice) {
  constexpr std::int64_t kMostNotices = 100;
  Query(Sql("INSERT INTO notice(person, request, at, text) VALUES(?, ?, ?, ?)"))
      .Bind(notice.person.Text()).Bind(notice.request.Text()).Bind(notice.at).Bind(notice.text).Run();
  Query(Sql("DELETE FROM notice WHERE id IN (SELECT id FROM notice WHERE person = ? ORDER BY id DESC LIMIT -1 OFFSET ?)"))
      .Bind(notice.person.Text()).Bind(kMostNotices).Run();
}

std::vector<NoticeRecord> SqliteStore::NoticesOf(const PersonName& person) {
  Query query(Sql("SELECT id, request, at, text FROM notice WHERE person = ? ORDER BY id"));
  query.Bind(person.Text());
  std::vector<NoticeRecord> notices;
  while (query.Next()) {
    notices.push_back({query.Integer(0), person, Stored(RequestId::Parse(query.Text(1))), query.At(2), query.Text(3)});
  }
  return notices;
}

bool SqliteStore::DropNotice(const PersonName& person, std::int64_t id) {
  Query(Sql("DELETE FROM notice WHERE person = ? AND id = ?")).Bind(person.Text()).Bind(id).Run();
  return Changed();
}

std::optional<IdempotencyRecord> SqliteStore::FindIdempotency(const PersonName& person, const std::string& key) {
  Query query(Sql("SELECT body, request FROM idempotency WHERE person = ? AND key = ?"));
  if (!query.Bind(person.Text()).Bind(key).Next()) return std::nullopt;
  return IdempotencyRecord{Stored(ContentHash::FromBytes(query.Text(0))), Stored(RequestId::Parse(query.Text(1)))};
}

void SqliteStore::AddIdempotency(const PersonName& person, const std::string& key, const IdempotencyRecord& record,
                                 Instant at) {
  Query(Sql("INSERT INTO idempotency(person, key, body, request, at) VALUES(?, ?, ?, ?, ?)"))
      .Bind(person.Text()).Bind(key).Blob(record.body.Raw()).Bind(record.request.Text()).Bind(at).Run();
}

void SqliteStore::DropIdempotencyBefore(Instant before) {
  Query(Sql("DELETE FROM idempotency WHERE at < ?")).Bind(before).Run();
}

}  // namespace curfew
