// SPDX-License-Identifier: Apache-2.0
// Numbers are kept as decimal text, so that they can be read by hand.
#include "agent/enforcer/state/facts.h"

#include <cstdlib>

namespace curfew {

Result<void> PutFact(Database& database, const char* key, std::string_view value) {
  auto statement = database.Prepare("INSERT OR REPLACE INTO facts(key, value) VALUES(?, ?)");
  if (!statement) return Failure(statement.error());
  return statement->Bind(std::string_view(key)).BindBlob(value).Run();
}

Result<std::optional<std::string>> GetFact(Database& database, const char* key) {
  auto statement = database.Prepare("SELECT value FROM facts WHERE key = ?");
  if (!statement) return Failure(statement.error());
  auto row = statement->Bind(std::string_view(key)).Step();
  if (!row) return Failure(row.error());
  if (!*row) return std::optional<std::string>();
  return std::optional<std::string>(statement->Text(0));
}

Result<std::uint64_t> GetNumber(Database& database, const char* key) {
  const auto text = GetFact(database, key);
  if (!text) return Failure(text.error());
  return *text ? std::strtoull((*text)->c_str(), nullptr, 10) : 0;
}

}  // namespace curfew
