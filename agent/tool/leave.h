// SPDX-License-Identifier: Apache-2.0
// `curfew-agent leave`: every grant ends, setup is undone, the link's files and the trusted root go. The keys of this
// host stay, so that it is the same host if it joins again.
#pragma once

#include "agent/paths.h"
#include "agent/tool/exit.h"

namespace curfew {

[[nodiscard]] Exit Leave(const Paths& paths);

}  // namespace curfew
