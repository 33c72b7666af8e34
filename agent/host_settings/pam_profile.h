// SPDX-License-Identifier: Apache-2.0
// What PAM's common files hold of us, as pam-auth-update wrote them, and the module that they call.
#pragma once

#include <string>

#include "agent/paths.h"
#include "core/result.h"

namespace curfew {

/// The path of the installed module; kNotFound when the package is not installed whole, kRefused when others can write it.
[[nodiscard]] Result<std::string> FindPamModule(const Paths& paths);

/// What of the profile is not in force, one sentence; empty when all is.
[[nodiscard]] Result<std::string> FlawOfProfile(const Paths& paths);
/// What of the profile is in force, one sentence; empty when nothing is.
[[nodiscard]] Result<std::string> TraceOfProfile(const Paths& paths);

}  // namespace curfew
