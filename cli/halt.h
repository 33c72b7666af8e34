// SPDX-License-Identifier: Apache-2.0
// Why a verb stopped: the exit code, what happened, and what to type next. Answer<T> is a value or that.
#pragma once

#include <string>
#include <tl/expected.hpp>

#include "cli/exit_code.h"
#include "core/result.h"

namespace curfew {

struct Halt {
  ExitCode exit = ExitCode::kFailed;
  std::string what;
  std::string next;  ///< what to type or to ask for; empty only where nothing can be done

  /// "what; next", safe for a terminal.
  [[nodiscard]] std::string Text() const;
};

template <class T>
using Answer = tl::expected<T, Halt>;

using Halted = tl::unexpected<Halt>;

[[nodiscard]] Halted Refuse(ExitCode exit, std::string what, std::string next = {});

/// A failure of this machine, or of a text that was typed (`exit` says which).
[[nodiscard]] Halted Refuse(const Error& error, ExitCode exit = ExitCode::kFailed);

}  // namespace curfew
