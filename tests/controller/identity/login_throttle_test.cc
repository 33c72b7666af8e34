// SPDX-License-Identifier: Apache-2.0
// Log-ins as recorded decisions: who goes on, who waits and for how long, at given moments.
#include "controller/identity/login_throttle.h"

#include <gtest/gtest.h>

namespace curfew {
namespace {

class Throttle : public ::testing::Test {
 protected:
  static PersonName Name(const std::string& text) { return *PersonName::Parse(text); }
  /// One whole attempt; the wait when it is held back.
  Seconds Try(const std::string& name, const std::string& address, bool right) {
    const auto attempt = throttle.Begin(Name(name), address, now);
    if (!attempt) return attempt.error();
    throttle.Finished(*attempt, right, now);
    return Seconds{0};
  }
  /// One more that is not finished.
  bool Begins(const std::string& name, const std::string& address) { return throttle.Begin(Name(name), address, now).has_value(); }
  LoginThrottle throttle;
  BootInstant now{Seconds{86400}};
};

TEST_F(Throttle, GuessingOneNameSlowsDownToOneInHalfAMinute) {
  int guesses = 0;
  const BootInstant day = now + Seconds{86400};
  while (now < day) {
    const Seconds wait = Try("lead1", "192.0.2." + std::to_string(guesses % 250), false);
    if (wait == Seconds{0}) ++guesses;
    now += std::max(wait, Seconds{1});
  }
  EXPECT_LE(guesses, 5 + 86400 / 30 + 1) << "from however many addresses";
  EXPECT_GT(guesses, 1000) << "nobody is barred for good";
}

TEST_F(Throttle, GuessingFromOneNetworkSlowsDownWhateverTheNames) {
  int guesses = 0;
  const BootInstant hour = now + Seconds{3600};
  while (now < hour) {
    const Seconds wait = Try("n" + std::to_string(guesses), "2001:db8::" + std::to_string(guesses % 9000), false);
    if (wait == Seconds{0}) ++guesses;
    now += std::max(wait, Seconds{1});
  }
  EXPECT_LE(guesses, 20 + 3600 / 6 + 1) << "a whole /64 is one network";
}

TEST_F(Throttle, TheWaitSaysWhenItWillGoOn) {
  while (Try("dev1", "192.0.2.1", false) == Seconds{0}) {}
  const Seconds wait = Try("dev1", "192.0.2.1", false);
  ASSERT_GT(wait, Seconds{0});
  now += wait - Seconds{1};
  EXPECT_GT(Try("dev1", "192.0.2.1", true), Seconds{0}) << "the right password has to wait as well";
  now += Seconds{1};
  EXPECT_EQ(Try("dev1", "192.0.2.1", true), Seconds{0});
}

TEST_F(Throttle, AStrangerCannotKeepAPersonOutOfWhereTheyWorkFrom) {
  ASSERT_EQ(Try("lead1", "198.51.100.7", true), Seconds{0});
  for (int i = 0; i < 1000; ++i) static_cast<void>(Try("lead1", "192.0.2." + std::to_string(i % 250), false));
  EXPECT_GT(Try("lead1", "203.0.113.9", true), Seconds{0});
  EXPECT_EQ(Try("lead1", "198.51.100.7", true), Seconds{0});
}

TEST_F(Throttle, AFewMistakesCostNothing) {
  for (int i = 0; i < 4; ++i) EXPECT_EQ(Try("dev1", "192.0.2.1", false), Seconds{0});
  EXPECT_EQ(Try("dev1", "192.0.2.1", true), Seconds{0});
}

TEST_F(Throttle, OneClientCannotTakeEveryPlace) {
  std::size_t begun = 0;
  for (int i = 0; i < 100; ++i) begun += Begins("n" + std::to_string(i), "192.0.2.1") ? 1U : 0U;
  EXPECT_EQ(begun, LoginThrottle::kMostOfOneNetwork);
  EXPECT_TRUE(Begins("lead1", "198.51.100.7"));
}

TEST_F(Throttle, OneNameCannotTakeEveryPlace) {
  std::size_t begun = 0;
  for (int i = 0; i < 100; ++i) begun += Begins("lead1", "192.0.2." + std::to_string(i)) ? 1U : 0U;
  EXPECT_EQ(begun, LoginThrottle::kMostOfOneName);
}

TEST_F(Throttle, PlacesAreKeptForThoseWithoutFailures) {
  const auto address = [](int i) { return "192.0.2." + std::to_string(i); };
  ASSERT_EQ(Try("lead1", "198.51.100.200", true), Seconds{0});
  for (int i = 0; i < 100; ++i) static_cast<void>(Try("n" + std::to_string(i), address(i), false));
  std::size_t begun = 0;
  for (int i = 0; i < 100; ++i) begun += Begins("n" + std::to_string(i), address(i)) ? 1U : 0U;
  EXPECT_EQ(begun, LoginThrottle::kPlacesForDebtors);
  for (int i = 0; i < 16; ++i) EXPECT_TRUE(Begins("d" + std::to_string(i), "198.51.100." + std::to_string(i))) << i;
  EXPECT_FALSE(Begins("late", "203.0.113.1")) << "all 32 are taken";
  EXPECT_TRUE(Begins("lead1", "198.51.100.200")) << "strangers cannot take the places of those at home";
}

TEST_F(Throttle, ANeighboursGuessingKeepsNobodyOutOfWhereTheyWorkFrom) {
  ASSERT_EQ(Try("lead1", "198.51.100.7", true), Seconds{0});
  while (Try("n" + std::to_string(throttle.Remembered()), "198.51.100.7", false) == Seconds{0}) {}
  EXPECT_GT(Try("lead2", "198.51.100.7", true), Seconds{0}) << "who was never right from there waits";
  EXPECT_EQ(Try("lead1", "198.51.100.7", true), Seconds{0});
}

TEST_F(Throttle, ANeighboursHurryTakesNoPlaceOfThoseAtHome) {
  ASSERT_EQ(Try("lead1", "198.51.100.7", true), Seconds{0});
  for (int i = 0; i < 20; ++i) static_cast<void>(Begins("n" + std::to_string(i), "198.51.100.7"));
  EXPECT_FALSE(Begins("lead2", "198.51.100.7"));
  EXPECT_TRUE(Begins("lead1", "198.51.100.7"));
}

TEST_F(Throttle, GuessingANameAtHomeSlowsDownAsWell) {
  ASSERT_EQ(Try("lead1", "198.51.100.7", true), Seconds{0});
  int guesses = 0;
  const BootInstant hour = now + Seconds{3600};
  while (now < hour) {
    const Seconds wait = Try("lead1", "198.51.100.7", false);
    if (wait == Seconds{0}) ++guesses;
    now += std::max(wait, Seconds{1});
  }
  EXPECT_LE(guesses, 10 + 3600 / 15 + 1);
}

TEST_F(Throttle, APlaceIsGivenBack) {
  const auto attempt = throttle.Begin(Name("lead1"), "192.0.2.1", now);
  ASSERT_TRUE(attempt);
  ASSERT_TRUE(Begins("lead1", "192.0.2.1"));
  ASSERT_FALSE(Begins("lead1", "192.0.2.1"));
  throttle.Finished(*attempt, true, now);
  EXPECT_TRUE(Begins("lead1", "192.0.2.1"));
}

TEST_F(Throttle, APlaceIsGivenBackWhenNobodyCouldFindOut) {
  for (int i = 0; i < 100; ++i) {
    const auto attempt = throttle.Begin(Name("lead1"), "192.0.2.1", now);
    ASSERT_TRUE(attempt) << i;
    EXPECT_THROW(
        {
          const LoginEnding ending(throttle, *attempt, now);
          throw std::runtime_error("the disk is gone");
        },
        std::runtime_error);
  }
  EXPECT_EQ(throttle.Remembered(), 0U) << "nor is it a failure of theirs";
}

TEST_F(Throttle, MemoryIsBounded) {
  for (int i = 0; i < 6000; ++i) {
    static_cast<void>(Try("n" + std::to_string(i), "10." + std::to_string(i / 250) + ".0." + std::to_string(i % 250), i % 3 == 0));
  }
  EXPECT_LE(throttle.Remembered(), 4 * LoginThrottle::kMostRemembered + 4);
}

}  // namespace
}  // namespace curfew
