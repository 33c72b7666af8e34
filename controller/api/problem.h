// SPDX-License-Identifier: Apache-2.0
// Refusals as RFC 9457 problem documents with a stable code (api/openapi.yaml, schema Problem).
#pragma once

#include <string>

#include "controller/api/exchange.h"
#include "controller/workflow/outcome.h"

namespace curfew {

/// A problem before it is text.
struct Problem {
  int status = 500;
  std::string code;
  std::string detail;
  std::string hint;
};

[[nodiscard]] Problem ProblemOf(const Refused& refused);
[[nodiscard]] ApiReply ReplyOf(const Problem& problem);

}  // namespace curfew
