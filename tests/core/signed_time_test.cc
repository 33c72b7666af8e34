// SPDX-License-Identifier: Apache-2.0
// What time it is at least, by what was signed: no clock that is set back, no restart and no message that is held up makes it
// earlier; only the controller's newer bundle does.
#include "core/signed_time.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

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

TEST(SignedTime, GoesOnWithTheBootClockWhateverTheClockSays) {
  const TimeMark mark = Heard(TimeMark{}, BundleOf(Noon()), Now{Noon(), Boot(100)});
  EXPECT_EQ(mark, (TimeMark{Noon(), Boot(100)}));
  const Instant set_back = Noon() - Seconds{86400};
  EXPECT_EQ(LatestTime(mark, Now{set_back, Boot(100 + 3600)}), Noon() + Seconds{3600});
  EXPECT_EQ(LatestTime(mark, Now{Noon() + Seconds{7200}, Boot(100 + 3600)}), Noon() + Seconds{7200}) << "it is later";
  EXPECT_EQ(LatestTime(TimeMark{Noon(), std::nullopt}, Now{set_back, Boot(3600)}), Noon()) << "of an earlier boot: no more is known";
}

TEST(SignedTime, OfAReceiptThatWasHeldUpMovesTheMarkButNotTheTime) {
  const TimeMark first = Heard(TimeMark{}, BundleOf(Noon()), Now{Noon(), Boot(0)});
  const Now later{Noon() - Seconds{86400}, Boot(3 * 3600)};
  const TimeMark second = Heard(first, ReceiptOf(Noon() + Seconds{1}), later);
  EXPECT_EQ(second.at, Noon() + Seconds{1}) << "after a boot the clock may not say less than this";
  EXPECT_EQ(LatestTime(second, later), Noon() + Seconds{3 * 3600});
}

TEST(SignedTime, IsTakenBackByANewerBundleAlone) {
  const TimeMark ahead{Noon() + Seconds{365 * 86400}, Boot(5)};
  const Now now{Noon(), Boot(10)};
  EXPECT_EQ(Heard(ahead, ReceiptOf(Noon()), now), ahead);
  EXPECT_EQ(Heard(ahead, BundleOf(Noon(), true), now), ahead) << "the same bundle again says nothing new";
  EXPECT_EQ(Heard(ahead, BundleOf(Noon()), now), (TimeMark{Noon(), Boot(10)}));
}

// Receipts in any order, held up at will, under a clock that is set as somebody likes: the latest time never goes back.
RC_GTEST_PROP(SignedTime, NeverGoesBackByReceipts, ()) {
  const auto number = [](std::int64_t most) { return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange<std::int64_t>(0, most)); };
  TimeMark mark = *rc::gen::arbitrary<bool>() ? TimeMark{} : TimeMark{Noon(), std::nullopt};
  Now now{Noon(), Boot(1000)};
  Instant latest = LatestTime(mark, Now{Instant{}, now.boot});
  for (int step = 0; step < 10; ++step) {
    now.boot += Seconds{number(3600)};
    now.utc = Noon() + Seconds{number(7200) - 3600};
    mark = Heard(mark, ReceiptOf(Noon() + Seconds{number(7200) - 3600}), now);
    const Instant next = LatestTime(mark, Now{Instant{}, now.boot});
    RC_ASSERT(next >= latest);
    RC_ASSERT(next >= mark.at);
    RC_ASSERT(mark.heard.value_or(now.boot) <= now.boot);
    latest = next;
  }
}

}  // namespace
}  // namespace curfew::test
