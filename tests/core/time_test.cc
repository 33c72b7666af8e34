// SPDX-License-Identifier: Apache-2.0
// Instants and durations as text and back; what is not exactly our spelling is refused.
#include "core/time.h"

#include <cstdlib>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/core/any_message.h"

namespace curfew::test {
namespace {

TEST(Time, HasThreeSpellings) {
  const Instant at{Millis{1795305600123}};
  EXPECT_EQ(Rfc3339Millis(at), "2026-11-22T00:00:00.123Z");
  EXPECT_EQ(Rfc3339(at), "2026-11-22T00:00:00Z");
  EXPECT_EQ(CompactUtc(at), "20261122000000Z");
  EXPECT_EQ(ParseRfc3339("2026-11-22T00:00:00.123Z").value(), at);
  EXPECT_EQ(ParseRfc3339("2026-11-22T00:00:00Z").value(), at - Millis{123});
  EXPECT_EQ(ParseCompactUtc("20261122000000Z").value(), at - Millis{123});
}

TEST(Time, LeapDaysAndEnds) {
  EXPECT_EQ(UnixSeconds(ParseRfc3339("2038-01-19T03:14:08Z").value()), std::int64_t{1} << 31);
  EXPECT_TRUE(ParseRfc3339("2028-02-29T00:00:00Z"));
  EXPECT_TRUE(ParseRfc3339("2000-02-29T00:00:00Z"));
  EXPECT_FALSE(ParseRfc3339("2026-02-29T00:00:00Z"));
  EXPECT_FALSE(ParseRfc3339("2100-02-29T00:00:00Z"));
  EXPECT_EQ(ParseRfc3339("9999-12-31T23:59:59Z").value(), kEndOfTime);
  EXPECT_EQ(ParseRfc3339("1970-01-01T00:00:00Z").value(), Instant{});
  EXPECT_EQ(CompactUtc(kEndOfTime + Seconds{86400}), "99991231235959Z") << "never a text of another length";
  EXPECT_EQ(CompactUtc(Instant{Millis{-1}}), "19700101000000Z");
}

TEST(Time, RefusesOtherSpellings) {
  for (const char* text : {"", "2026-11-22", "2026-11-22T00:00:00", "2026-11-22T00:00:00z", "2026-11-22t00:00:00Z", "2026-11-22 00:00:00Z",
                           "2026-11-22T00:00:00+00:00", "2026-11-22T00:00:00.1Z", "2026-11-22T00:00:00,123Z", "2026-11-22T24:00:00Z",
                           "2026-11-22T23:60:00Z", "2026-11-22T23:59:60Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z",
                           "2026-04-31T00:00:00Z", "2026-11-00T00:00:00Z", "1969-12-31T23:59:59Z", "-026-11-22T00:00:00Z",
                           "2026-11-22T00:00:00Z ", " 2026-11-22T00:00:00Z", "2026-11-22T00:00:0\xc2Z", "+026-11-22T00:00:00Z"}) {
    EXPECT_FALSE(ParseRfc3339(text)) << text;
  }
  for (const char* text : {"", "20261122000000", "20261122000000z", "202611220000Z", "2026112200000000Z", "20261122000000.5Z",
                           "20261122000000+0000", "20261132000000Z", "20261122240000Z"}) {
    EXPECT_FALSE(ParseCompactUtc(text)) << text;
  }
}

TEST(Time, TheHostsTimeZoneDoesNotMatter) {
  ASSERT_EQ(setenv("TZ", "Europe/Berlin", 1), 0);
  EXPECT_EQ(CompactUtc(ParseRfc3339("2026-03-29T01:30:00Z").value()), "20260329013000Z");
  EXPECT_EQ(CompactUtc(ParseRfc3339("2026-10-25T01:30:00Z").value()), "20261025013000Z");
  ASSERT_EQ(unsetenv("TZ"), 0);
}

RC_GTEST_PROP(Time, ComesBack, ()) {
  const Instant at = *AnyMillisecond();
  const Instant second = std::chrono::floor<Seconds>(at);
  RC_ASSERT(ParseRfc3339(Rfc3339Millis(at)).value() == at);
  RC_ASSERT(ParseRfc3339(Rfc3339(at)).value() == second);
  RC_ASSERT(ParseCompactUtc(CompactUtc(at)).value() == second);
}

RC_GTEST_PROP(Time, TextsSortAsInstants, ()) {
  const Instant one = *AnySecond();
  const Instant two = *AnySecond();
  RC_ASSERT((one < two) == (CompactUtc(one) < CompactUtc(two)));
}

TEST(Duration, Spellings) {
  EXPECT_EQ(ParseDuration("90s").value(), Seconds{90});
  EXPECT_EQ(ParseDuration("15m").value(), Seconds{900});
  EXPECT_EQ(ParseDuration("2h").value(), Seconds{7200});
  EXPECT_EQ(ParseDuration("1h30m").value(), Seconds{5400});
  EXPECT_EQ(ParseDuration("1d").value(), Seconds{86400});
  EXPECT_EQ(ParseDuration("366d").value(), Seconds{366 * 86400});
  EXPECT_EQ(FormatDuration(Seconds{5400}), "1h30m");
  EXPECT_EQ(FormatDuration(Seconds{0}), "0s");
  for (const char* text : {"", "h", "1", "0s", "01h", "1h1h", "30m1h", "1 h", "-1h", "+1h", "1.5h", "1H", "1w", "1h ", "367d", "1h0m",
                           "8785h", "999999999d", "9999999999s", "99999999999999999999s"}) {
    EXPECT_FALSE(ParseDuration(text)) << text;
  }
  EXPECT_EQ(ParseDuration("367d").error().code, Errc::kOutOfRange);
}

RC_GTEST_PROP(Duration, ComesBack, ()) {
  const Seconds length{*rc::gen::resize(rc::kNominalSize, rc::gen::inRange<std::int64_t>(1, 366 * 86400 + 1))};
  RC_ASSERT(ParseDuration(FormatDuration(length)).value() == length);
}

}  // namespace
}  // namespace curfew::test
