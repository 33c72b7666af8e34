// SPDX-License-Identifier: Apache-2.0
// The exit codes of curfew-agent (INTERFACES): scripts branch on them.
#pragma once

#include "core/result.h"

namespace curfew {

enum class Exit : int {
  kDone = 0,
  kFailed = 1,  ///< for doctor: a check is red, or fewer than three layers hold
  kUsage = 2,
  kNotEnrolled = 4,
  kRefused = 5,      ///< token, signature, verdict
  kUnreachable = 7,  ///< link, enforcer or controller
};

/// Prints "curfew-agent: …" on standard error and gives the code that fits the error.
[[nodiscard]] Exit Complain(const Error& error);

}  // namespace curfew
