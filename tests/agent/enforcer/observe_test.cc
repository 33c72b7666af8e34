// SPDX-License-Identifier: Apache-2.0
// What is somebody else's doing in our files, and what is the reaper's.
#include "agent/enforcer/turn/observe.h"

#include <gtest/gtest.h>

#include "tests/agent/enforcer/controller.h"

namespace curfew::test {
namespace {

constexpr Instant kEnd = FromUnixSeconds(1'800'000'000);

class WhatWasLeft : public ::testing::Test {
 protected:
  void SetUp() override {
    left_.access.rules = {Rule{Id(1), 1001, SudoRight{AllCommands{}, Account("root"), false}, kEnd},
                          Rule{Id(2), 1001, SudoRight{AllCommands{}, Account("root"), false}, kEnd + Seconds{60}}};
    left_.access.keys[Account("games")] = {KeyLine{Id(1), SomeLoginKey(), {}, kEnd}};
    seen_.actual = left_;
  }
  [[nodiscard]] std::size_t Findings(Instant now) {
    seen_.findings.clear();
    seen_.actual.at = now;
    CompareWithLeft(left_, Paths{}, seen_);
    return seen_.findings.size();
  }
  Actual left_;
  Observation seen_;
};

TEST_F(WhatWasLeft, MayLoseWhatIsPastItsTimeToTheReaper) {
  seen_.actual.access.rules.erase(seen_.actual.access.rules.begin());
  seen_.actual.access.keys.clear();
  EXPECT_EQ(Findings(kEnd), 0U);
  EXPECT_EQ(Findings(kEnd - Millis{1}), 2U) << "a moment earlier it was somebody else";
}

TEST_F(WhatWasLeft, MayLoseNothingElse) {
  seen_.actual.access.rules.clear();
  EXPECT_EQ(Findings(kEnd), 1U) << "the second rule was not due";
}

TEST_F(WhatWasLeft, MayNotGainALineThatIsDueEither) {
  left_.access.rules.pop_back();
  EXPECT_EQ(Findings(kEnd), 1U);
}

}  // namespace
}  // namespace curfew::test
