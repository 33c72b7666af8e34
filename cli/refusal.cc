// SPDX-License-Identifier: Apache-2.0
// The one sentence form of a Refusal.
#include "cli/refusal.h"

#include "cli/shown.h"

namespace curfew {

std::string Refusal::Text() const { return Shown(next.empty() ? what : what + "; " + next); }

Refused Refuse(ExitCode exit, std::string what, std::string next) {
  return Refused(Refusal{exit, std::move(what), std::move(next)});
}

Refused Refuse(const Error& error, ExitCode exit) {
  return Refuse(exit, error.where.empty() ? error.what : error.where + ": " + error.what, error.hint);
}

}  // namespace curfew
