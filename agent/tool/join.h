// SPDX-License-Identifier: Apache-2.0
// `curfew-agent join`: this host gets its keys, its certificate and the root it trusts. May be run again: keys are
// kept, and another root is refused.
#pragma once

#include <string>

#include "agent/paths.h"
#include "agent/tool/exit.h"

namespace curfew {

struct JoinOptions {
  std::string controller;  ///< https://…
  std::string token_file;
  std::string ca;                    ///< PEM file; empty: the system's roots
  std::string name;                  ///< empty: the machine's own
  std::string link_user = "curfew";  ///< whom the link's files belong to; also the name of the group
};

[[nodiscard]] Exit Join(const JoinOptions& options, const Paths& paths);

}  // namespace curfew
