// SPDX-License-Identifier: Apache-2.0
// Times for people, across a change of daylight saving time.
#include "cli/moment.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>

namespace curfew {
namespace {

class InBerlin : public testing::Test {
 protected:
  InBerlin() {
    // The rule itself, so that the test does not need the zone's file.
    setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);  // NOLINT(concurrency-mt-unsafe): one thread
    tzset();                                        // NOLINT(concurrency-mt-unsafe): one thread
  }
};

TEST_F(InBerlin, LocalTimeNamesItsOffset) {
  EXPECT_EQ(MomentText(*ParseRfc3339("2026-11-22T18:00:00.000Z"), false), "2026-11-22 19:00:00+01:00");
  EXPECT_EQ(MomentText(*ParseRfc3339("2026-07-01T18:00:00.000Z"), false), "2026-07-01 20:00:00+02:00");
}

TEST_F(InBerlin, TheHourThatComesTwiceIsToldApart) {
  EXPECT_EQ(MomentText(*ParseRfc3339("2026-10-25T00:30:00.000Z"), false), "2026-10-25 02:30:00+02:00");
  EXPECT_EQ(MomentText(*ParseRfc3339("2026-10-25T01:30:00.000Z"), false), "2026-10-25 02:30:00+01:00");
}

TEST_F(InBerlin, UtcWhenAskedFor) {
  EXPECT_EQ(MomentText(*ParseRfc3339("2026-11-22T18:00:00.999Z"), true), "2026-11-22 18:00:00Z");
}

TEST(Moment, WhatHasNotComeIsADash) { EXPECT_EQ(MomentText(std::optional<Instant>(), true), "-"); }

TEST(Moment, AnOffsetWestOfGreenwich) {
  setenv("TZ", "NST3:30", 1);  // NOLINT(concurrency-mt-unsafe): one thread
  tzset();                     // NOLINT(concurrency-mt-unsafe): one thread
  EXPECT_EQ(MomentText(*ParseRfc3339("2026-11-22T18:00:00Z"), false), "2026-11-22 14:30:00-03:30");
}

}  // namespace
}  // namespace curfew
