// SPDX-License-Identifier: Apache-2.0
// What PAM's common files hold of us, as pam-auth-update wrote them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace curfew {

inline constexpr const char* kPamModule = "pam_curfew.so";

/// True when a line of that group ("account", "session", "auth") of a pam.d file calls our module.
[[nodiscard]] bool CallsModule(std::string_view file, std::string_view group);

/// The path of the installed module; kNotFound when the package is not installed whole.
[[nodiscard]] Result<std::string> FindPamModule();

/// What of the profile is not in force, one sentence; empty when all is.
[[nodiscard]] Result<std::string> FlawOfProfile(const std::string& root);
/// What of the profile is in force, one sentence; empty when nothing is.
[[nodiscard]] Result<std::string> TraceOfProfile(const std::string& root);

}  // namespace curfew
