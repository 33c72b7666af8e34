// SPDX-License-Identifier: Apache-2.0
// Our one line in sudo's configuration, and what every visudo of this host says of it and of the whole tree.
#pragma once

#include <string>

#include "core/result.h"

namespace curfew {

inline constexpr const char* kSudoersName = "curfew";
inline constexpr const char* kSudoersInclude = "@includedir /run/curfew/sudoers.d";
inline constexpr std::size_t kMostSudoersFile = 4096;

/// The whole of /etc/sudoers.d/curfew.
[[nodiscard]] std::string SudoersText();

/// Every visudo present accepts this file alone; kNotFound when there is no visudo.
[[nodiscard]] Result<void> CheckSudoersFile(const std::string& path);
/// Every visudo present accepts the tree from /etc/sudoers on.
[[nodiscard]] Result<void> CheckSudoersTree();
/// /etc/sudoers brings in /etc/sudoers.d.
[[nodiscard]] Result<void> CheckSudoersIncludes();

}  // namespace curfew
