// SPDX-License-Identifier: Apache-2.0
// The one sentence form of a Halt.
#include "cli/halt.h"

#include "cli/shown.h"

namespace curfew {

std::string Halt::Text() const { return Shown(next.empty() ? what : what + "; " + next); }

Halted Refuse(ExitCode exit, std::string what, std::string next) {
  return Halted(Halt{exit, std::move(what), std::move(next)});
}

Halted Refuse(const Error& error, ExitCode exit) {
  return Refuse(exit, error.where.empty() ? error.what : error.where + ": " + error.what, error.hint);
}

}  // namespace curfew
