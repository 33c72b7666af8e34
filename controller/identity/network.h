// SPDX-License-Identifier: Apache-2.0
// The part of an address that one person can be held to.
#pragma once

#include <string>
#include <string_view>

namespace curfew {

/// All of IPv4, the first 64 bits of IPv6; what is no address is itself.
[[nodiscard]] std::string NetworkOf(std::string_view address);

}  // namespace curfew
