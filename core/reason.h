// SPDX-License-Identifier: Apache-2.0
// What people write beside a request or a decision, in bytes at most: the same for who types, keeps, sends and reads it.
#pragma once

#include <cstddef>

namespace curfew {

inline constexpr std::size_t kLongestReason = 1024;
inline constexpr std::size_t kLongestTicket = 128;

}  // namespace curfew
