// SPDX-License-Identifier: Apache-2.0
// DESIGN §3: every event holds the hash of the one before. What is inside an event is not hashed again here.
#include "cli/chains.h"

#include <fmt/format.h>

namespace curfew {
namespace {

std::string FaultOf(const EventView& event, const EventView* before) {
  const std::int64_t expected = before == nullptr ? 1 : before->seq + 1;
  if (event.seq != expected) return fmt::format("event {} stands where {} belongs", event.seq, expected);
  if (before != nullptr && event.prev != before->hash) {
    return fmt::format("event {} does not continue event {}: its `prev` is another hash", event.seq, before->seq);
  }
  return event.hash.empty() ? fmt::format("event {} has no hash", event.seq) : "";
}

}  // namespace

std::map<std::string, ChainState> CheckChains(const std::vector<EventView>& events) {
  std::map<std::string, ChainState> chains;
  std::map<std::string, const EventView*> last;
  for (const EventView& event : events) {
    ChainState& chain = chains[event.host];
    const EventView*& before = last[event.host];
    if (chain.fault.empty()) chain.fault = FaultOf(event, before);
    ++chain.events;
    chain.last = event.seq;
    before = &event;
  }
  return chains;
}

}  // namespace curfew
