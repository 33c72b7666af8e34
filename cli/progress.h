// SPDX-License-Identifier: Apache-2.0
// How far a request is, for somebody who waits for it: one pure function of what the controller says.
#pragma once

#include <optional>
#include <string>

#include "cli/exit_code.h"
#include "cli/model.h"

namespace curfew {

struct Progress {
  std::optional<ExitCode> end;  ///< absent = go on waiting
  std::string line;             ///< the state in one line
};

/// Waiting ends when every host has its access or has failed, or when the request came to one of its ends.
/// kDone only if the access works on every host.
[[nodiscard]] Progress ProgressOf(const RequestView& request);

}  // namespace curfew
