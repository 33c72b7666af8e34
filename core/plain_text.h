// SPDX-License-Identifier: Apache-2.0
// Shortening what people or processes wrote, without making it unreadable.
#pragma once

#include <cstddef>
#include <string>

namespace curfew {

/// At most `most` bytes of well-formed UTF-8 text from its front: never a part of a character (RFC 3629), which every reader of
/// the whole would then refuse.
[[nodiscard]] std::string CutText(std::string text, std::size_t most);

}  // namespace curfew
