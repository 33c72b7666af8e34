// SPDX-License-Identifier: Apache-2.0
// A file that a person named on the command line: bounded, and read whatever its owner. "-" is standard input.
#pragma once

#include <cstddef>
#include <string>

#include "core/result.h"

namespace curfew {

/// kNotFound, kOutOfRange over `most` bytes, kSystem else.
[[nodiscard]] Result<std::string> ReadUntrustedFile(const std::string& path, std::size_t most);

}  // namespace curfew
