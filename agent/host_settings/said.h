// SPDX-License-Identifier: Apache-2.0
// A program of this host, run bounded, and what it said. It waits: for a worker's thread, or a program that does one thing.
#pragma once

#include <string>
#include <vector>

#include "core/result.h"
#include "core/time.h"

namespace curfew {

/// What a program said; `status` 0 is success.
struct Said {
  int status = -1;
  std::string output;
  [[nodiscard]] bool Ok() const { return status == 0; }
  /// Its first line that is not empty, escaped, for a message.
  [[nodiscard]] std::string FirstLine() const;
};

/// Runs it for at most `limit`; kSystem when it cannot be started, kUnavailable when it does not end.
[[nodiscard]] Result<Said> Run(const std::vector<std::string>& argv, Millis limit = Millis{10000});

/// Those of the places that can be executed.
[[nodiscard]] std::vector<std::string> Present(const std::vector<std::string>& places);

}  // namespace curfew
