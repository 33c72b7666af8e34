// SPDX-License-Identifier: Apache-2.0
// From argv to one Invocation, or to the text that ends the program (help, version, a usage error with its place).
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "cli/exit_code.h"
#include "cli/verbs.h"

namespace curfew {

/// Nothing to do beyond saying this: standard output when `exit` is kDone, standard error else.
struct LastWord {
  ExitCode exit = ExitCode::kDone;
  std::string text;
};

/// `words` is argv without the program's name. Everything after the first `--` is a command, never an option.
[[nodiscard]] std::variant<Invocation, LastWord> ParseArguments(std::vector<std::string> words);

}  // namespace curfew
