// SPDX-License-Identifier: Apache-2.0
// Whether a log has a hole: each source's events must follow each other, by number and by hash. Of a log only the end of
// each chain is held.
#pragma once

#include <map>
#include <string>

#include "cli/model.h"

namespace curfew {

struct ChainState {
  std::string host;  ///< what the source was called last; empty = the controller
  std::int64_t events = 0;
  std::int64_t last = 0;
  std::string hash;   ///< of the last
  std::string fault;  ///< empty = whole, else the first place that does not follow and why
};

/// By source: a host's id, whatever it was called and whoever else was called that; empty for the controller.
using Chains = std::map<std::string, ChainState>;

/// The next line of the log, oldest first and none left out.
void CheckNext(Chains& chains, const EventView& event);

}  // namespace curfew
