// SPDX-License-Identifier: Apache-2.0
// The table of single facts in state.db.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "os/sqlite.h"

namespace curfew {

[[nodiscard]] Result<void> PutFact(Database& database, const char* key, std::string_view value);
[[nodiscard]] Result<std::optional<std::string>> GetFact(Database& database, const char* key);
/// 0 when it is not there.
[[nodiscard]] Result<std::uint64_t> GetNumber(Database& database, const char* key);

}  // namespace curfew
