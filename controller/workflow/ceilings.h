// SPDX-License-Identifier: Apache-2.0
// The root-signed ceilings come down while grants are live. MUST: nothing over them is given, and no host is offered a bundle that
// it would refuse, whole, for one grant of before.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "controller/workflow/change.h"

namespace curfew {

/// Why this host would refuse the grant, and each bundle that lists it, by the ceilings of now; nothing where it would not.
[[nodiscard]] std::optional<std::string> WhyOverCeilings(const Change& change, const HostId& host, const Grant& grant);

/// Why this host, if it remembered nothing, would refuse these sealed bytes as its bundle; nothing where it would take them.
[[nodiscard]] std::optional<std::string> WhyNotTaken(const Change& change, const HostId& host, std::string_view sealed);

/// A host whose newest bundle would be refused under the role table of now gets another one: the live grants in it that the
/// ceilings deny end, and who asked is told why.
void KeepWithinCeilings(Change& change, const HostRecord& host);

}  // namespace curfew
