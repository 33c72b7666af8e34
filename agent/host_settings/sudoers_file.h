// SPDX-License-Identifier: Apache-2.0
// sudo as this host has it: its set-uid programs, our one line in its configuration, and what every visudo says of that and
// of the whole tree.
#pragma once

#include <string>
#include <vector>

#include "agent/paths.h"
#include "core/layers.h"
#include "core/result.h"

namespace curfew {

inline constexpr const char* kSudoersName = "curfew";
inline constexpr const char* kSudoersInclude = "@includedir /run/curfew/sudoers.d";
inline constexpr std::size_t kMostSudoersFile = 4096;

/// Every set-uid sudo of root's, in all its spellings, without its version: nothing is run.
[[nodiscard]] std::vector<SudoProgram> FindSudos(const Paths& paths);
/// What the visudo of the same package says; sudo itself wants capabilities that the enforcer has not.
[[nodiscard]] std::string VersionOf(const SudoProgram& sudo);
/// Every visudo that is installed now.
[[nodiscard]] std::vector<std::string> FindVisudos(const Paths& paths);

/// The whole of /etc/sudoers.d/curfew.
[[nodiscard]] std::string SudoersText();

/// Every visudo present accepts this file alone; kNotFound when there is no visudo.
[[nodiscard]] Result<void> CheckSudoersFile(const Paths& paths, const std::string& path);
/// Every visudo present accepts the tree from /etc/sudoers on.
[[nodiscard]] Result<void> CheckSudoersTree(const Paths& paths);
/// /etc/sudoers brings in /etc/sudoers.d.
[[nodiscard]] Result<void> CheckSudoersIncludes(const Paths& paths);
/// Our file there is what it should be.
[[nodiscard]] Result<void> CheckSudoersLine(const Paths& paths);

}  // namespace curfew
