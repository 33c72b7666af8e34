// SPDX-License-Identifier: Apache-2.0
// The one sentence form of an Error.
#include "core/result.h"

namespace curfew {

std::string Error::Text() const {
  std::string text = where.empty() ? what : where + ": " + what;
  if (!hint.empty()) text += "; " + hint;
  return text;
}

}  // namespace curfew
