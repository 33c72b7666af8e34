// SPDX-License-Identifier: Apache-2.0
// The user database (getpwnam_r(3), getpwuid_r(3)). It may ask the network: never called where waiting hurts.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "core/result.h"

namespace curfew {

/// The uid of `name`, when looking that uid up gives the same name back; nothing when there is no such account or the
/// way back leads elsewhere. An error means that nobody could say.
[[nodiscard]] Result<std::optional<uid_t>> LookUpUser(const std::string& name);

/// The name under which the user database has this uid; nothing when it has none.
[[nodiscard]] Result<std::optional<std::string>> LookUpNameOf(uid_t uid);

/// The gid of a group; nothing when there is none.
[[nodiscard]] Result<std::optional<gid_t>> LookUpGroup(const std::string& name);

}  // namespace curfew
