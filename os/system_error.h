// SPDX-License-Identifier: Apache-2.0
// errno as an Error: what was tried, where, and what the kernel said.
#pragma once

#include <string>

#include "core/result.h"

namespace curfew {

/// `number` is an errno value; the code follows from it (ENOENT: kNotFound, ELOOP, EACCES and EPERM: kRefused …).
[[nodiscard]] Failure SystemFailure(int number, const std::string& what, std::string where, std::string hint = {});

}  // namespace curfew
