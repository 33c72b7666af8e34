// SPDX-License-Identifier: Apache-2.0
// A program that root is to run: can anybody else put another in its place? Looked at without opening anything for
// reading: O_PATH and O_NOFOLLOW for each component, fstat of that very descriptor, links read and walked likewise.
#pragma once

#include <string>

#include "core/result.h"

namespace curfew {

/// Success when `path` names a regular file of root's and every directory and link on the way is root's too, none of them
/// to be written by others. kNotFound when something is missing, kRefused with the component that somebody else can write.
[[nodiscard]] Result<void> CheckOnlyRootCanWrite(const std::string& path);

}  // namespace curfew
