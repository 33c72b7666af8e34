// SPDX-License-Identifier: Apache-2.0
// DESIGN §3: every event holds the hash of the one before. What is inside an event is not hashed again here.
#include "cli/chains.h"

#include <fmt/format.h>

namespace curfew {
namespace {

std::string FaultOf(const EventView& event, const ChainState& before) {
  if (event.seq != before.last + 1) return fmt::format("event {} stands where {} belongs", event.seq, before.last + 1);
  if (before.events > 0 && event.prev != before.hash) {
    return fmt::format("event {} does not continue event {}: its `prev` is another hash", event.seq, before.last);
  }
  return event.hash.empty() ? fmt::format("event {} has no hash", event.seq) : "";
}

}  // namespace

void CheckNext(Chains& chains, const EventView& event) {
  ChainState& chain = chains[event.source];
  if (chain.fault.empty()) chain.fault = FaultOf(event, chain);
  ++chain.events;
  chain.host = event.host;
  chain.last = event.seq;
  chain.hash = event.hash;
}

}  // namespace curfew
