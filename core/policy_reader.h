// SPDX-License-Identifier: Apache-2.0
// The policy file, whole or not at all. MUST refuse an empty file, an unknown key, a key given twice, anchors and tags;
// every error is `FILE:LINE:COLUMN: what; hint`.
#pragma once

#include <string>
#include <string_view>

#include "core/policy.h"

namespace curfew {

inline constexpr std::size_t kMaxPolicyBytes = std::size_t{1} << 20U;

/// Reads YAML `text`; `file` is only what errors call it.
[[nodiscard]] Result<Policy> ReadPolicy(std::string_view text, const std::string& file);

}  // namespace curfew
