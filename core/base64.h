// SPDX-License-Identifier: Apache-2.0
// Base64 (RFC 4648 §4), strict: padded, no white space, no stray bits; so that one value has one text.
#pragma once

#include <string>
#include <string_view>

#include "core/result.h"

namespace curfew {

[[nodiscard]] std::string EncodeBase64(std::string_view bytes);

/// kMalformed for anything that EncodeBase64 does not write.
[[nodiscard]] Result<std::string> DecodeBase64(std::string_view text);

}  // namespace curfew
