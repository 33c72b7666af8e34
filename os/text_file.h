// SPDX-License-Identifier: Apache-2.0
// Small files that the kernel makes up as they are read (/proc, /sys): no owner to check, but bounded all the same.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace curfew {

/// At most `most` bytes; what is beyond is cut off.
[[nodiscard]] Result<std::string> ReadKernelFile(const std::string& path, std::size_t most);

/// The parts between `separator`s, empty ones left out.
[[nodiscard]] std::vector<std::string_view> SplitText(std::string_view text, char separator);

/// A decimal number and nothing else; -1 when it is not one.
[[nodiscard]] long long ToNumber(std::string_view text);

}  // namespace curfew
