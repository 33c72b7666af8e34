// SPDX-License-Identifier: Apache-2.0
// SQLite, thinly: a database, its statements and its transactions as resources. Write-ahead log and full sync: what a
// committed transaction wrote is on the disk. One thread at a time; errors name the file and what SQLite said, kMalformed is
// a file that is damaged or no database.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace curfew {

/// A prepared statement. Binding errors are kept and come out of Step.
class Statement {
 public:
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&& other) noexcept;
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  ~Statement();

  /// Parameters in order, from the first; text and blobs are copied.
  Statement& Bind(std::int64_t value);
  Statement& Bind(std::string_view text);
  Statement& BindBlob(std::string_view bytes);
  Statement& BindNull();
  Statement& Bind(const std::optional<std::int64_t>& value);

  /// True: a row can be read. False: done. After false or an error it is reset and may be bound again.
  [[nodiscard]] Result<bool> Step();
  /// Runs a statement that gives no rows.
  [[nodiscard]] Result<void> Run();
  /// Makes it ready to be bound again.
  void Reset();

  [[nodiscard]] std::int64_t Integer(int column) const;
  [[nodiscard]] std::string Text(int column) const;  ///< text or blob, as bytes
  [[nodiscard]] bool IsNull(int column) const;

 private:
  friend class Database;
  Statement(sqlite3_stmt* statement, std::string place) : statement_(statement), place_(std::move(place)) {}
  void Keep(int code);
  sqlite3_stmt* statement_ = nullptr;
  std::string place_;
  int next_ = 1;
  int failed_ = 0;
};

class Database {
 public:
  /// Opens or makes `path`, owner-only. kUnavailable when it cannot be opened, or is locked for five seconds.
  [[nodiscard]] static Result<Database> Open(const std::string& path);
  Database(Database&& other) noexcept;
  Database& operator=(Database&& other) noexcept;
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database();

  [[nodiscard]] Result<Statement> Prepare(std::string_view sql);
  /// One or more statements without parameters (schema, pragmas).
  [[nodiscard]] Result<void> Run(const std::string& sql);
  /// Rows that the last statement changed.
  [[nodiscard]] std::int64_t Changes() const;
  [[nodiscard]] std::int64_t LastRow() const;

 private:
  Database(sqlite3* database, std::string path) : database_(database), path_(std::move(path)) {}
  sqlite3* database_ = nullptr;
  std::string path_;
};

/// BEGIN IMMEDIATE now; rolled back unless committed.
class Transaction {
 public:
  [[nodiscard]] static Result<Transaction> Begin(Database& database);
  Transaction(Transaction&& other) noexcept : database_(other.database_) { other.database_ = nullptr; }
  Transaction& operator=(Transaction&&) = delete;
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction();
  /// On success everything since Begin is durable; on an error nothing of it is.
  [[nodiscard]] Result<void> Commit();

 private:
  explicit Transaction(Database& database) : database_(&database) {}
  Database* database_;
};

}  // namespace curfew
