// SPDX-License-Identifier: Apache-2.0
// How a managed account could be root without a grant, as far as the texts of a host tell: an administrator is warned.
#pragma once

#include <string>
#include <vector>

#include "core/desired.h"

namespace curfew {

/// A file of rules that is not ours.
struct RuleFile {
  std::string path;
  std::string text;
};

/// A sentence for each road: groups that are root by another name, sudo rules and polkit rules that name the account, its
/// uid or a group of it.
[[nodiscard]] std::vector<std::string> OtherRoads(const Gated& account, const std::vector<std::string>& groups,
                                                  const std::vector<RuleFile>& sudoers, const std::vector<RuleFile>& polkit);

}  // namespace curfew
