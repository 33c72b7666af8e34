// SPDX-License-Identifier: Apache-2.0
// SQLite's C interface behind os/sqlite.h.
#include "os/sqlite.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace curfew {
namespace {

Failure SqliteFailure(sqlite3* database, const std::string& place) {
  const int code = sqlite3_extended_errcode(database) & 0xff;
  Errc errc = Errc::kSystem;
  if (code == SQLITE_BUSY || code == SQLITE_LOCKED) errc = Errc::kUnavailable;
  if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB) errc = Errc::kMalformed;
  return Fail(errc, std::string("SQLite: ") + sqlite3_errmsg(database), place, code == SQLITE_FULL ? "make room on the disk" : "");
}

// Created by us first, because SQLite would apply the umask's idea of a mode to the database, its log and its index.
Result<void> MakePrivate(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file < 0) {
    return Fail(Errc::kUnavailable, std::string("cannot open: ") + std::strerror(errno), path,
                "see that its folder exists and belongs to this user");
  }
  const int changed = ::fchmod(file, 0600);
  ::close(file);
  if (changed != 0) return Fail(Errc::kSystem, std::string("cannot set its mode: ") + std::strerror(errno), path);
  return {};
}

}  // namespace

Statement::Statement(Statement&& other) noexcept
    : statement_(other.statement_), place_(std::move(other.place_)), next_(other.next_), failed_(other.failed_) {
  other.statement_ = nullptr;
}

Statement& Statement::operator=(Statement&& other) noexcept {
  std::swap(statement_, other.statement_);
  std::swap(place_, other.place_);
  std::swap(next_, other.next_);
  std::swap(failed_, other.failed_);
  return *this;
}

Statement::~Statement() { sqlite3_finalize(statement_); }

void Statement::Keep(int code) {
  if (code != SQLITE_OK && failed_ == SQLITE_OK) failed_ = code;
}

Statement& Statement::Bind(std::int64_t value) {
  Keep(sqlite3_bind_int64(statement_, next_++, value));
  return *this;
}

Statement& Statement::Bind(std::string_view text) {
  Keep(sqlite3_bind_text64(statement_, next_++, text.data() == nullptr ? "" : text.data(), text.size(),
                           SQLITE_TRANSIENT, SQLITE_UTF8));
  return *this;
}

Statement& Statement::BindBlob(std::string_view bytes) {
  Keep(sqlite3_bind_blob64(statement_, next_++, bytes.data() == nullptr ? "" : bytes.data(), bytes.size(),
                           SQLITE_TRANSIENT));
  return *this;
}

Statement& Statement::BindNull() {
  Keep(sqlite3_bind_null(statement_, next_++));
  return *this;
}

Statement& Statement::Bind(const std::optional<std::int64_t>& value) { return value ? Bind(*value) : BindNull(); }

Result<bool> Statement::Step() {
  if (failed_ != SQLITE_OK) {
    const int code = failed_;
    Reset();
    return Fail(Errc::kSystem, std::string("SQLite: ") + sqlite3_errstr(code), place_);
  }
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) {
    Reset();
    return false;
  }
  Failure failure = SqliteFailure(sqlite3_db_handle(statement_), place_);
  Reset();
  return failure;
}

Result<void> Statement::Run() {
  auto more = Step();
  if (!more) return Failure(more.error());
  if (*more) Reset();
  return {};
}

void Statement::Reset() {
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
  next_ = 1;
  failed_ = SQLITE_OK;
}

std::int64_t Statement::Integer(int column) const { return sqlite3_column_int64(statement_, column); }

std::string Statement::Text(int column) const {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, column));
  const int size = sqlite3_column_bytes(statement_, column);
  return bytes == nullptr ? std::string() : std::string(bytes, static_cast<std::size_t>(size));
}

bool Statement::IsNull(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }

Result<Database> Database::Open(const std::string& path) {
  if (auto made = MakePrivate(path); !made) return Failure(made.error());
  sqlite3* raw = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_NOFOLLOW;
  const int code = sqlite3_open_v2(path.c_str(), &raw, flags, nullptr);
  Database database(raw, path);
  if (code != SQLITE_OK) return SqliteFailure(raw, path);
  sqlite3_busy_timeout(raw, 5000);
  // trusted_schema and cell_size_check: sqlite.org/security.html, for a file that somebody else may have written.
  if (auto set = database.Run("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
                              "PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON;");
      !set) {
    return Failure(set.error());
  }
  return database;
}

Database::Database(Database&& other) noexcept : database_(other.database_), path_(std::move(other.path_)) {
  other.database_ = nullptr;
}

Database& Database::operator=(Database&& other) noexcept {
  std::swap(database_, other.database_);
  std::swap(path_, other.path_);
  return *this;
}

Database::~Database() { sqlite3_close_v2(database_); }

Result<Statement> Database::Prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v3(database_, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &statement,
                         nullptr) != SQLITE_OK) {
    return SqliteFailure(database_, path_);
  }
  return Statement(statement, path_);
}

Result<void> Database::Run(const std::string& sql) {
  if (sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) return SqliteFailure(database_, path_);
  return {};
}

std::int64_t Database::Changes() const { return sqlite3_changes64(database_); }

std::int64_t Database::LastRow() const { return sqlite3_last_insert_rowid(database_); }

Result<Transaction> Transaction::Begin(Database& database) {
  if (auto begun = database.Run("BEGIN IMMEDIATE"); !begun) return Failure(begun.error());
  return Transaction(database);
}

Transaction::~Transaction() {
  if (database_ != nullptr) static_cast<void>(database_->Run("ROLLBACK"));
}

Result<void> Transaction::Commit() {
  auto done = database_->Run("COMMIT");
  if (!done) return done;  // the destructor rolls back
  database_ = nullptr;
  return {};
}

}  // namespace curfew
