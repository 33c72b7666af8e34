// SPDX-License-Identifier: Apache-2.0
// A file of ours put in its place. What is there and not ours is taken away first, by name: what it points to is never touched.
#pragma once

#include <string>

#include "os/directory.h"

namespace curfew {

[[nodiscard]] Result<void> PutFile(const Directory& folder, const std::string& name, bool foreign, const std::string& text,
                                   mode_t mode, Durable durable);

}  // namespace curfew
