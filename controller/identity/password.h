// SPDX-License-Identifier: Apache-2.0
// Passwords as salted scrypt hashes (RFC 7914), and random bearer secrets. Slow on purpose: not for the thread that
// serves.
#pragma once

#include <string>
#include <string_view>

#include "core/result.h"

namespace curfew {

inline constexpr std::size_t kShortestPassword = 8;
inline constexpr std::size_t kLongestPassword = 1024;

/// "scrypt$15$8$1$salt$hash", salt and hash base64.
[[nodiscard]] Result<std::string> HashPassword(std::string_view password);

/// True only when `password` gives that hash. A text that is no hash is nobody's password, and takes as long.
[[nodiscard]] bool CheckPassword(std::string_view password, std::string_view hash);

/// 32 random bytes as 43 characters of [A-Za-z0-9_-] behind `prefix`.
[[nodiscard]] Result<std::string> NewSecret(std::string_view prefix);

}  // namespace curfew
