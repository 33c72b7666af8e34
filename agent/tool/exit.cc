// SPDX-License-Identifier: Apache-2.0
// Errors to one line and one number.
#include "agent/tool/exit.h"

#include <cstdio>

namespace curfew {

Exit Complain(const Error& error) {
  std::fprintf(stderr, "curfew-agent: %s\n", error.Text().c_str());
  if (error.code == Errc::kUnavailable) return Exit::kUnreachable;
  return error.code == Errc::kRefused ? Exit::kRefused : Exit::kFailed;
}

}  // namespace curfew
