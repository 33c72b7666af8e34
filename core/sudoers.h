// SPDX-License-Identifier: Apache-2.0
// Rules to sudoers text and back. Rendered text MUST hold one user, one runas and typed commands per rule, a NOTAFTER
// ending in Z where the reader knows dates, and never NOTBEFORE, a wildcard, a negation or any text a person wrote.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/desired.h"

namespace curfew {

/// What the sudo programs of a host can read.
struct SudoTraits {
  bool dates = true;  ///< false when any sudo on the host refuses NOTAFTER (sudo-rs)
  bool operator==(const SudoTraits&) const = default;
};

/// Why sudoers has no exact text for `right`, as the asker is told: no command, a path to sudoedit, or a runas that sudo
/// reads as an alias. To be asked when a request is made; a grant with such a right gives no access on a host.
[[nodiscard]] std::optional<Error> WhyNotExact(const SudoRight& right);

/// The whole file, ending in a newline; a fixed head only when there is no rule.
[[nodiscard]] std::string RenderRules(const std::vector<Rule>& rules, const SudoTraits& traits);

/// Reads back exactly what RenderRules writes; kMalformed with line number for anything else.
[[nodiscard]] Result<std::vector<Rule>> ParseRules(std::string_view text, const SudoTraits& traits);

}  // namespace curfew
