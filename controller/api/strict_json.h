// SPDX-License-Identifier: Apache-2.0
// JSON as it comes from outside: whole, not deep, and no key twice in an object, so that whoever else reads the text (a
// proxy, a log) cannot read another question than we do.
#pragma once

#include <boost/json/value.hpp>
#include <string_view>

#include "controller/workflow/outcome.h"

namespace curfew {

[[nodiscard]] Outcome<boost::json::value> ParseStrictly(std::string_view body);

}  // namespace curfew
