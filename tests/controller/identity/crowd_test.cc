// SPDX-License-Identifier: Apache-2.0
// Who goes when somebody comes: shares of networks and people, and what counts as one network.
#include "controller/identity/crowd.h"

#include <gtest/gtest.h>

#include "controller/identity/network.h"

namespace curfew {
namespace {

TEST(CrowdAtTheDoor, WhoBringsMoreThanTheirShareMakesRoomThemselves) {
  Crowd crowd({100, 3});
  for (std::uint64_t i = 1; i <= 3; ++i) crowd.Enter(i, "flood");
  crowd.Enter(4, "other");
  EXPECT_EQ(crowd.LeaverFor("flood"), 1U) << "the oldest of theirs";
  EXPECT_FALSE(crowd.LeaverFor("other"));
  EXPECT_FALSE(crowd.Leaver()) << "it is not full";
}

TEST(CrowdAtTheDoor, AFullHouseTakesFromWhoHasMost) {
  Crowd crowd({6, 4});
  crowd.Enter(1, "quiet");
  for (std::uint64_t i = 2; i <= 4; ++i) crowd.Enter(i, "flood");
  crowd.Enter(5, "another");
  crowd.Enter(6, "third");
  EXPECT_EQ(crowd.LeaverFor("newcomer"), 2U) << "not the oldest of all, who came alone";
  EXPECT_EQ(crowd.Leaver(), 2U);
}

TEST(CrowdAtTheDoor, AmongThoseWithAsMuchTheOldestGoes) {
  Crowd crowd({3, 2});
  crowd.Enter(1, "2001:db8:2::");
  crowd.Enter(2, "2001:db8:1::");
  crowd.Enter(3, "10.0.0.7");
  EXPECT_EQ(crowd.Leaver(), 1U);
}

TEST(CrowdAtTheDoor, WhoLeftTakesNoRoom) {
  Crowd crowd({3, 2});
  crowd.Enter(1, "a");
  crowd.Enter(2, "a");
  ASSERT_EQ(crowd.LeaverFor("a"), 1U);
  crowd.Leave(1);
  crowd.Leave(1);
  EXPECT_FALSE(crowd.LeaverFor("a"));
  crowd.Leave(2);
  EXPECT_FALSE(crowd.Leaver());
  EXPECT_FALSE(crowd.LeaverFor("a"));
}

TEST(CrowdAtTheDoor, AFloodNeverGrowsAndNeverPushesTheOthersOut) {
  Crowd crowd({16, 4});
  for (std::uint64_t i = 1; i <= 8; ++i) crowd.Enter(i, "host" + std::to_string(i));
  for (std::uint64_t i = 100; i < 1100; ++i) {
    const std::string network = "flood" + std::to_string(i % 5);
    while (const auto leaver = crowd.LeaverFor(network)) {
      ASSERT_GE(*leaver, 100U) << "one of those who came alone was shown out";
      crowd.Leave(*leaver);
    }
    crowd.Enter(i, network);
  }
}

TEST(CrowdAtTheDoor, WhoSaidNothingGoesBeforeWhoSpeaks) {
  Crowd crowd({100, 4});
  for (std::uint64_t i = 1; i <= 4; ++i) crowd.Enter(i, "flood");
  crowd.Speak(1);
  crowd.Speak(2);
  crowd.Speak(77);
  EXPECT_EQ(crowd.LeaverFor("flood"), 3U) << "neither of the two that are older, but speak";
  crowd.Leave(3);
  crowd.Leave(4);
  crowd.Enter(5, "flood");
  crowd.Speak(5);
  crowd.Enter(6, "flood");
  EXPECT_EQ(crowd.LeaverFor("flood"), 1U) << "the last that is silent would never come to speak";
}

TEST(CrowdAtTheDoor, AmongThoseWithAsMuchTooWhoSaidNothing) {
  Crowd crowd({3, 2});
  for (std::uint64_t i = 1; i <= 3; ++i) crowd.Enter(i, "host" + std::to_string(i));
  crowd.Speak(1);
  EXPECT_EQ(crowd.Leaver(), 2U);
}

TEST(CrowdAtTheDoor, WhoBeginsToSpeakOutlivesALoopOfConnections) {
  Crowd crowd({256, 64});
  std::uint64_t next = 1;
  const auto come = [&] {
    while (const auto leaver = crowd.LeaverFor("office")) {
      crowd.Leave(*leaver);
      if (*leaver == 1000) return false;
    }
    crowd.Enter(next++, "office");
    return true;
  };
  while (next <= 1000) ASSERT_TRUE(come());
  for (int i = 0; i < 40; ++i) ASSERT_TRUE(come()) << "a moment to begin in";
  crowd.Speak(1000);
  while (next < 100000) ASSERT_TRUE(come());
}

TEST(Networks, OfAddresses) {
  EXPECT_EQ(NetworkOf("192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(NetworkOf("::ffff:192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(NetworkOf("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
  EXPECT_EQ(NetworkOf("fe80::1%eth0"), "fe80::");
  EXPECT_EQ(NetworkOf("nonsense"), "nonsense");
}

}  // namespace
}  // namespace curfew
