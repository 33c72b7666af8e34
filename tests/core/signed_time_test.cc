// SPDX-License-Identifier: Apache-2.0
// What time it is at least, by what was signed: no clock that is set back, no restart and no message that is held up makes it
// earlier; only a newer bundle does that was signed before what is known.
#include "core/signed_time.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "core/codec.h"
#include "tests/core/trust_world.h"

namespace curfew::test {
namespace {

AcceptedDelivered ReceiptOf(Instant at) {
  const Delivered delivered{HostNamed("host1"), 7, Sha256("event"), at};
  return std::get<AcceptedDelivered>(AcceptDelivered(Trusted(Purpose::kDelivered, EncodeDelivered(delivered)), HostNamed("host1")));
}

Accepted BundleOf(Instant issued, bool again = false) {
  Bundle bundle = SoundBundle();
  bundle.issued = issued;
  const std::string bytes = EncodeBundle(bundle);
  const BundleMark mark{bundle.epoch, bundle.version, SignedHash(Purpose::kBundle, bytes)};
  const Standing standing{HostNamed("host1"), again ? std::optional<BundleMark>(mark) : std::nullopt, SoundRoles()};
  return std::get<Accepted>(Accept(Trusted(Purpose::kBundle, bytes), standing, Noon()));
}

BootInstant Boot(std::int64_t seconds) { return BootInstant{Seconds{seconds}}; }

Now At(std::int64_t utc, std::int64_t boot) { return Now{Noon() + Seconds{utc}, Boot(boot)}; }

TEST(SignedTime, GoesOnWithTheBootClockWhateverTheClockSays) {
  const TimeMark mark = Heard(TimeMark{}, BundleOf(Noon()), At(0, 100));
  EXPECT_EQ(mark.bundle, (TimeLine{Noon(), Boot(100)}));
  EXPECT_EQ(LatestTime(mark, At(-86400, 100 + 3600)), Noon() + Seconds{3600});
  EXPECT_EQ(LatestTime(mark, At(7200, 100 + 3600)), Noon() + Seconds{7200}) << "it is later";
  const TimeMark before{{Noon(), std::nullopt}, {Noon() - Seconds{5}, std::nullopt}};
  EXPECT_EQ(LatestTime(before, At(-86400, 3600)), Noon()) << "of an earlier boot: no more is known";
  EXPECT_FALSE(IsOfThisBoot(before));
}

TEST(SignedTime, OfAReceiptThatWasHeldUpMovesTheMarkButNotTheTime) {
  const TimeMark first = Heard(TimeMark{}, BundleOf(Noon()), At(0, 0));
  const Now later = At(-86400, 3 * 3600);
  const TimeMark second = Heard(first, ReceiptOf(Noon() + Seconds{1}), later);
  EXPECT_EQ(LatestSigned(second), Noon() + Seconds{1}) << "after a boot the clock may not say less than this";
  EXPECT_EQ(LatestTime(second, later), Noon() + Seconds{3 * 3600});
}

// Sealed at ten past, while the host was cut off, and heard three hours later: its clock says half past by then.
TEST(SignedTime, OfALateBundleTakesNothingAwayThatWasKnown) {
  const TimeMark before = Heard(TimeMark{}, BundleOf(Noon()), At(0, 0));
  const Now late = At(1800, 3 * 3600);
  EXPECT_EQ(LatestTime(Heard(before, BundleOf(Noon() + Seconds{600}), late), late), Noon() + Seconds{3 * 3600});
}

TEST(SignedTime, OfABundleThatIsHeldBackBehindAReceiptTakesNothingAwayThatBundlesSaid) {
  const TimeMark before = Heard(TimeMark{}, BundleOf(Noon()), At(0, 0));
  const Now late = At(-86400, 3 * 3600);
  const TimeMark told = Heard(before, ReceiptOf(Noon() + Seconds{3 * 3600 + 60}), late);
  EXPECT_EQ(LatestTime(told, late), Noon() + Seconds{3 * 3600 + 60});
  const TimeMark held_back = Heard(told, BundleOf(Noon() + Seconds{600}), late);
  EXPECT_EQ(LatestTime(held_back, late), Noon() + Seconds{3 * 3600});
  EXPECT_EQ(held_back.receipt, TimeLine{});
}

TEST(SignedTime, OfABundleAfterABootCountsFromWhenItIsHeard) {
  const TimeMark before{{Noon(), std::nullopt}, {Noon() + Seconds{60}, std::nullopt}};
  const TimeMark same_second = Heard(before, BundleOf(Noon() + Seconds{60}), At(-86400, 5));
  EXPECT_TRUE(IsOfThisBoot(same_second));
  EXPECT_EQ(LatestTime(same_second, At(-86400, 65)), Noon() + Seconds{120});
  const TimeMark again = Heard(before, ReceiptOf(Noon() + Seconds{60}), At(-86400, 5));
  EXPECT_EQ(again, before) << "a receipt that is said again tells nothing new";
}

TEST(SignedTime, IsTakenBackByANewerBundleAlone) {
  constexpr std::int64_t kYear = 365 * 86400;
  const TimeMark bundled = Heard(TimeMark{}, BundleOf(Noon() + Seconds{kYear}), At(0, 5));
  const TimeMark ahead = Heard(bundled, ReceiptOf(Noon() + Seconds{kYear + 1}), At(1, 6));
  const Now now = At(5, 10);
  EXPECT_EQ(Heard(ahead, ReceiptOf(Noon()), now), ahead);
  EXPECT_EQ(Heard(ahead, BundleOf(Noon(), true), now), ahead) << "the same bundle again says nothing new";
  EXPECT_EQ(Heard(ahead, BundleOf(Noon() + Seconds{5}), now), (TimeMark{{Noon() + Seconds{5}, Boot(10)}, {}}));
}

TEST(SignedTime, OfReceiptsGoesNoMoreThanAnHourAboveWhatIsKnownWithoutThem) {
  TimeMark mark = Heard(TimeMark{}, BundleOf(Noon()), At(0, 0));
  mark = Heard(mark, ReceiptOf(Noon() + Seconds{10}), At(10, 10));
  const auto hour = [](std::int64_t more) { return ReceiptOf(Noon() + Seconds{20 + 3600 + more}); };
  EXPECT_TRUE(IsTooFarAhead(mark, hour(1), At(20, 20)));
  EXPECT_EQ(Heard(mark, hour(1), At(20, 20)), mark);
  mark = Heard(mark, hour(0), At(20, 20));
  EXPECT_EQ(LatestTime(mark, At(20, 20)), Noon() + Seconds{3620});
  EXPECT_TRUE(IsTooFarAhead(mark, hour(1), At(20, 20))) << "nor in two steps";
  EXPECT_FALSE(IsTooFarAhead(mark, hour(86400), At(86420, 20))) << "the clock knows it, too: a machine that was paused";
}

TEST(SignedTime, OfTheFirstReceiptOfABootIsTakenAtItsWord) {
  const TimeMark before{{Noon(), std::nullopt}, {Noon() + Seconds{60}, std::nullopt}};
  const TimeMark late_bundle = Heard(before, BundleOf(Noon() + Seconds{120}), At(-86400, 5));
  const AcceptedDelivered receipt = ReceiptOf(Noon() + Seconds{3 * 86400});
  EXPECT_EQ(LatestTime(Heard(late_bundle, receipt, At(-86400, 9)), At(-86400, 10)), Noon() + Seconds{3 * 86400 + 1});
  EXPECT_EQ(LatestTime(Heard(before, receipt, At(-86400, 9)), At(-86400, 10)), Noon() + Seconds{3 * 86400 + 1});
}

// Receipts in any order, held up at will, under a clock that is set as somebody likes: the latest time never goes back.
RC_GTEST_PROP(SignedTime, NeverGoesBackByReceipts, ()) {
  const auto number = [](std::int64_t most) { return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange<std::int64_t>(0, most)); };
  TimeMark mark = *rc::gen::arbitrary<bool>() ? TimeMark{} : TimeMark{{Noon(), std::nullopt}, {}};
  Now now{Noon(), Boot(1000)};
  Instant latest = LatestTime(mark, Now{Instant{}, now.boot});
  for (int step = 0; step < 10; ++step) {
    now.boot += Seconds{number(3600)};
    now.utc = Noon() + Seconds{number(7200) - 3600};
    mark = Heard(mark, ReceiptOf(Noon() + Seconds{number(7200) - 3600}), now);
    const Instant next = LatestTime(mark, Now{Instant{}, now.boot});
    RC_ASSERT(next >= latest);
    RC_ASSERT(next >= LatestSigned(mark));
    RC_ASSERT(mark.receipt.heard.value_or(now.boot) <= now.boot);
    latest = next;
  }
}

// Nor by bundles and receipts together, late as they may be, as long as the controller's clock goes on from bundle to bundle
// and a receipt is signed at a true time: what bundles said and what has passed since stays known.
RC_GTEST_PROP(SignedTime, OfBundlesNeverGoesBackWhileTheyFollowEachOther, ()) {
  const auto number = [](std::int64_t most) { return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange<std::int64_t>(0, most)); };
  TimeMark mark;
  Now now{Noon() - Seconds{86400}, Boot(1000)};
  Instant issued = Noon();
  Instant known{};
  for (int step = 0; step < 10; ++step) {
    now.boot += Seconds{number(3600)};
    const Instant is_now = Noon() + (now.boot - Boot(1000));
    if (*rc::gen::arbitrary<bool>()) {
      mark = Heard(mark, ReceiptOf(is_now - Seconds{number(600)}), now);
    } else {
      issued = std::max(issued, is_now - Seconds{number(7200)});
      mark = Heard(mark, BundleOf(issued), now);
    }
    if (mark.bundle.heard) {
      const Instant by_bundles = mark.bundle.at + (now.boot - *mark.bundle.heard);
      RC_ASSERT(by_bundles >= known);
      RC_ASSERT(by_bundles <= is_now);
      known = by_bundles;
    }
    RC_ASSERT(LatestTime(mark, now) >= known);
    RC_ASSERT(LatestTime(mark, now) <= is_now);
  }
}

}  // namespace
}  // namespace curfew::test
