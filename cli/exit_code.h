// SPDX-License-Identifier: Apache-2.0
// The exit codes of `curfew`: scripts branch on them, so a number never changes its meaning.
#pragma once

namespace curfew {

enum class ExitCode : int {
  kDone = 0,
  kFailed = 1,
  kUsage = 2,
  kNoSuchThing = 3,
  kLogInFirst = 4,
  kDenied = 5,        ///< by policy, person or right
  kStillPending = 6,  ///< when --timeout ran out
  kUnreachable = 7,
  kEnded = 8,  ///< lapsed, expired or already ended
  kInterrupted = 130,
};

}  // namespace curfew
