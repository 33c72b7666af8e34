// SPDX-License-Identifier: Apache-2.0
// `audit verify`: whatever is taken out, put twice, swapped or edited in a chain is found, and its place is named.
#include "cli/chains.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace curfew {
namespace {

std::vector<EventView> Chain(const std::string& host, int length) {
  std::vector<EventView> events;
  for (int i = 1; i <= length; ++i) {
    EventView event;
    event.host = host;
    event.seq = i;
    event.hash = host + "#" + std::to_string(i);
    event.prev = i == 1 ? "" : host + "#" + std::to_string(i - 1);
    events.push_back(event);
  }
  return events;
}

TEST(Chains, InterleavedSourcesAreWhole) {
  std::vector<EventView> events = Chain("", 3);
  const auto host = Chain("host1", 4);
  events.insert(events.begin() + 1, host.begin(), host.end());
  const auto chains = CheckChains(events);
  EXPECT_EQ(chains.at("").fault, "");
  EXPECT_EQ(chains.at("host1").fault, "");
  EXPECT_EQ(chains.at("host1").events, 4);
  EXPECT_EQ(chains.at("host1").last, 4);
}

RC_GTEST_PROP(Chains, AnyHoleIsFound, ()) {
  auto events = Chain("h", 10);
  const int gone = *rc::gen::inRange(0, 9);  // the newest cannot be missed without a signed head
  events.erase(events.begin() + gone);
  RC_ASSERT(CheckChains(events).at("h").fault.find("event " + std::to_string(gone + 2)) == 0);
}

RC_GTEST_PROP(Chains, AnySwapOrDoubleIsFound, ()) {
  auto events = Chain("h", 10);
  const int one = *rc::gen::inRange(0, 10);
  const int other = *rc::gen::inRange(0, 10);
  RC_PRE(one != other);
  auto swapped = events;
  std::swap(swapped[static_cast<std::size_t>(one)], swapped[static_cast<std::size_t>(other)]);
  RC_ASSERT(!CheckChains(swapped).at("h").fault.empty());
  events.insert(events.begin() + one, events[static_cast<std::size_t>(one)]);
  RC_ASSERT(!CheckChains(events).at("h").fault.empty());
}

TEST(Chains, AnotherHashBetweenTwoIsFound) {
  auto events = Chain("h", 3);
  events[1].hash = "edited";
  EXPECT_EQ(CheckChains(events).at("h").fault, "event 3 does not continue event 2: its `prev` is another hash");
}

}  // namespace
}  // namespace curfew
