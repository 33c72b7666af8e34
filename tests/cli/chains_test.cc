// SPDX-License-Identifier: Apache-2.0
// `audit verify`: whatever is taken out, put twice, swapped or edited in a chain is found, and its place is named.
#include "cli/chains.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace curfew {
namespace {

Chains Check(const std::vector<EventView>& events) {
  Chains chains;
  for (const EventView& event : events) CheckNext(chains, event);
  return chains;
}

std::vector<EventView> Chain(const std::string& source, int length, const std::string& host = "host1") {
  std::vector<EventView> events;
  for (int i = 1; i <= length; ++i) {
    EventView event;
    event.source = source;
    event.host = source.empty() ? "" : host;
    event.seq = i;
    event.hash = source + "#" + std::to_string(i);
    event.prev = i == 1 ? "" : source + "#" + std::to_string(i - 1);
    events.push_back(event);
  }
  return events;
}

TEST(Chains, InterleavedSourcesAreWhole) {
  std::vector<EventView> events = Chain("", 3);
  const auto host = Chain("1d", 4);
  events.insert(events.begin() + 1, host.begin(), host.end());
  const auto chains = Check(events);
  EXPECT_EQ(chains.at("").fault, "");
  EXPECT_EQ(chains.at("").host, "");
  EXPECT_EQ(chains.at("1d").fault, "");
  EXPECT_EQ(chains.at("1d").host, "host1");
  EXPECT_EQ(chains.at("1d").events, 4);
  EXPECT_EQ(chains.at("1d").last, 4);
}

TEST(Chains, AServerThatTookTheNameOfAnotherHasItsOwn) {
  auto events = Chain("01d", 532, "web1");
  const auto anew = Chain("4e3", 3, "web1");
  events.insert(events.end(), anew.begin(), anew.end());
  const auto chains = Check(events);
  ASSERT_EQ(chains.size(), 2U);
  EXPECT_EQ(chains.at("01d").fault, "");
  EXPECT_EQ(chains.at("4e3").fault, "");
}

TEST(Chains, AServerThatIsCalledOtherwiseGoesOnWithIts) {
  auto events = Chain("1d", 6, "web1");
  for (std::size_t i = 4; i < events.size(); ++i) events[i].host = "web2";
  const auto chains = Check(events);
  ASSERT_EQ(chains.size(), 1U);
  EXPECT_EQ(chains.at("1d").fault, "");
  EXPECT_EQ(chains.at("1d").host, "web2");
}

RC_GTEST_PROP(Chains, AnyHoleIsFound, ()) {
  auto events = Chain("h", 10);
  const int gone = *rc::gen::inRange(0, 9);  // the newest cannot be missed without a signed head
  events.erase(events.begin() + gone);
  RC_ASSERT(Check(events).at("h").fault.find("event " + std::to_string(gone + 2)) == 0);
}

RC_GTEST_PROP(Chains, AnySwapOrDoubleIsFound, ()) {
  auto events = Chain("h", 10);
  const int one = *rc::gen::inRange(0, 10);
  const int other = *rc::gen::inRange(0, 10);
  RC_PRE(one != other);
  auto swapped = events;
  std::swap(swapped[static_cast<std::size_t>(one)], swapped[static_cast<std::size_t>(other)]);
  RC_ASSERT(!Check(swapped).at("h").fault.empty());
  events.insert(events.begin() + one, events[static_cast<std::size_t>(one)]);
  RC_ASSERT(!Check(events).at("h").fault.empty());
}

TEST(Chains, AnotherHashBetweenTwoIsFound) {
  auto events = Chain("h", 3);
  events[1].hash = "edited";
  EXPECT_EQ(Check(events).at("h").fault, "event 3 does not continue event 2: its `prev` is another hash");
}

}  // namespace
}  // namespace curfew
