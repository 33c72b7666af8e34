// SPDX-License-Identifier: Apache-2.0
// The names that SQLite gives to what belongs to a database. MUST be taken away in this order: beside a log whose database is
// gone SQLite makes a new one and throws the log away; a database whose log is gone is an older state, and looks sound.
#pragma once

namespace curfew {

inline constexpr const char* kDatabaseLogs[] = {"-wal", "-shm", "-journal"};

/// What a damaged one is kept as: the first, which tells most, and the latest.
inline constexpr const char* kFirstDamaged = ".damaged";
inline constexpr const char* kLatestDamaged = ".damaged-latest";

}  // namespace curfew
