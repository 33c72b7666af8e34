// SPDX-License-Identifier: Apache-2.0
// core's rule for plain text, applied at the last moment.
#include "cli/shown.h"

#include "core/names.h"

namespace curfew {

std::string Shown(std::string_view text) { return IsPlainText(text, text.size()) ? std::string(text) : Escaped(text); }

}  // namespace curfew
