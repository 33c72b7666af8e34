// SPDX-License-Identifier: Apache-2.0
// Whether a log has a hole: each source's events must follow each other, by number and by hash.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cli/model.h"

namespace curfew {

struct ChainState {
  std::int64_t events = 0;
  std::int64_t last = 0;
  std::string fault;  ///< empty = whole, else the first place that does not follow and why
};

/// By source: a host's name, or empty for the controller. `events` oldest first, all of them.
[[nodiscard]] std::map<std::string, ChainState> CheckChains(const std::vector<EventView>& events);

}  // namespace curfew
