// SPDX-License-Identifier: Apache-2.0
// Login keys to authorized_keys text and back (sshd(8), AUTHORIZED_KEYS FILE FORMAT). `restrict` MUST come first, then
// only what was asked for; expiry-time in UTC with Z; no text a person wrote.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/desired.h"

namespace curfew {

/// One account's whole file; empty when there are no lines.
[[nodiscard]] std::string RenderKeys(const std::vector<KeyLine>& lines);

/// Reads back exactly what RenderKeys writes; kMalformed with line number for anything else.
[[nodiscard]] Result<std::vector<KeyLine>> ParseKeys(std::string_view text);

/// A source pattern for from=: an IPv4 or IPv6 address or CIDR, canonical, no negation; kMalformed else.
[[nodiscard]] Result<std::string> ParseSource(std::string_view text);

}  // namespace curfew
