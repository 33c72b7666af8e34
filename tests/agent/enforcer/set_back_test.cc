// SPDX-License-Identifier: Apache-2.0
// A host whose clock was set back, or whose controller's clock was wrong: no grant lasts longer, and none ends for good by it.
#include <gtest/gtest.h>

#include "agent/enforcer/state/in_force.h"
#include "tests/agent/enforcer/lost_state.h"

namespace curfew::test {
namespace {

class SetBack : public LostState {
 protected:
  /// A machine that was started anew with its clock an hour behind what the controller signed last.
  void StartBehind() {
    Begin(Seconds{3 * 3600});
    host_.Kill();
    const auto later = (ReadNow().utc + Seconds{3600}).time_since_epoch().count();
    Sql("UPDATE facts SET value = '" + std::to_string(later) + "' WHERE key IN ('bundle_time', 'receipt_time')");
    Sql("UPDATE facts SET value = 'another boot' WHERE key = 'time_boot'");
    host_.Start();
  }
};

TEST_F(SetBack, ClockOfANewBootGrantsNothingUntilANewerSignedTimeComes) {
  StartBehind();
  ExpectShut();
  EXPECT_NE(host_.Alarms().find("the clock was set back"), std::string::npos) << host_.Alarms();
  // Its alarm is delivered, and the receipt is signed at a time that is older than the mark: that says nothing.
  host_.Await(EventKind::kHighestTime);
  ExpectShut();
  host_.controller.SetAhead(Seconds{7200});
  EXPECT_EQ(host_.OfferWord("rubbish"), "malformed");
  host_.Await(EventKind::kReject);
  ASSERT_TRUE(host_.AwaitFile(kRules, [](const auto& text) { return text && text->find("#5 ") != std::string::npos; }));
  ExpectGranted();
  EXPECT_EQ(host_.Count(EventKind::kGrantEnded), 0U) << "it was held back, not ended";
}

TEST_F(SetBack, ClockDoesNotLengthenAGrantThatIsOverByTheTimeThatIsHeard) {
  StartBehind();
  host_.controller.SetAhead(Seconds{4 * 3600});
  EXPECT_EQ(host_.Await(EventKind::kGrantEnded, Id(1).Text()).outcome, "expired");
  ExpectShut();
}

// The controller itself was started with a clock a year ahead, and was put right.
TEST_F(SetBack, MarkOfAControllerWhoseClockWasAheadComesDownWithItsNextBundle) {
  Begin();
  host_.controller.SetAhead(Seconds{365 * 86400});
  ASSERT_EQ(host_.OfferWord(host_.controller.NextBundle()), "accepted");
  host_.Await(EventKind::kGrantEnded, Id(1).Text());
  host_.controller.SetAhead(Seconds{0});
  const Instant now = ReadNow().utc;
  host_.controller.Draft().grants = {GrantOn(2, "games", now, now + Seconds{600})};
  ASSERT_EQ(host_.OfferWord(host_.controller.NextBundle()), "accepted");
  host_.Await(EventKind::kGrantActive, Id(2).Text());
  ExpectGranted();
  host_.Kill();
  host_.Start();
  ExpectGranted();
}

// An online key signs receipts: it cannot end what is given.
TEST_F(SetBack, ReceiptAYearAheadIsNotBelievedAndSaysSo) {
  Begin();
  host_.controller.SetAhead(Seconds{365 * 86400});
  EXPECT_EQ(host_.OfferWord("rubbish"), "malformed");
  host_.Await(EventKind::kReject);
  EXPECT_NE(host_.Await(EventKind::kDrift).detail.find("it is not believed"), std::string::npos);
  EXPECT_TRUE(host_.Asks(kCurfewAccount, kCurfewSudo, "games"));
  host_.controller.SetAhead(Seconds{0});
  EXPECT_EQ(host_.OfferWord("rubbish"), "malformed");
  host_.Await(EventKind::kRepaired);
  host_.Kill();
  host_.Start();
  ExpectGranted();
}

// What was signed 3000 seconds ago by the boot clock, and the clock was set back since.
class SetBackFor : public SetBack {
 protected:
  void StartLater() {
    Begin();
    host_.Kill();
    const Now now = ReadNow();
    const auto millis = [](auto moment) { return std::to_string(moment.time_since_epoch().count()); };
    Sql("UPDATE facts SET value = '" + millis(now.utc) + "' WHERE key IN ('bundle_time', 'receipt_time')");
    Sql("UPDATE facts SET value = '" + millis(now.boot - Seconds{3000}) + "' WHERE key IN ('bundle_heard', 'receipt_heard')");
    host_.Start();
    EXPECT_EQ(host_.Await(EventKind::kGrantEnded, Id(1).Text()).outcome, "expired");
  }
};

TEST_F(SetBackFor, ALongTimeLengthensNoGrantThroughARestart) {
  StartLater();
  ExpectShut();
}

// It was sealed while the host was cut off: nothing in it contradicts what is known.
TEST_F(SetBackFor, ALongTimeLengthensNoGrantOfABundleThatComesLate) {
  StartLater();
  const Instant now = ReadNow().utc;
  host_.controller.Draft().grants = {GrantOn(2, "games", now, now + Seconds{2000}), GrantOn(3, "games", now, now + Seconds{4000})};
  ASSERT_EQ(host_.OfferWord(host_.controller.NextBundle()), "accepted");
  host_.Await(EventKind::kGrantActive, Id(3).Text());
  EXPECT_EQ(host_.Read(kRules).value_or("").find(Id(2).Text()), std::string::npos);
}

TEST_F(SetBack, ClockIsNoReasonToDistrustTheBootInWhichTheTimeWasHeard) {
  host_.controller.SetAhead(Seconds{30});
  Begin();
  ExpectGranted();
  host_.Kill();
  host_.Start();
  ExpectGranted();
}

// The deadline of what is taken back was counted once, and only comes nearer; a grant with another end is counted anew.
TEST(TakenBack, LengthensNoGrantThatWasCountedBefore) {
  Controller controller;
  InForce in_force;
  const auto adopt = [&](Instant issued, Instant second_end, Millis boot) {
    Bundle bundle = controller.Draft();
    bundle.version = in_force.mark ? in_force.mark->version + 1 : 1;
    if (in_force.mark) bundle.previous = in_force.mark->hash;
    bundle.issued = issued;
    const Instant start = FromUnixSeconds(2000000000);
    bundle.grants = {GrantOn(1, "games", start, start + Seconds{7200}), GrantOn(2, "games", start, second_end)};
    RoleTable roles;
    roles.ceilings = controller.Limits();
    const auto verified = Verify(controller.Seal(bundle), Purpose::kBundle, Role{1, {TestKey("bundle").Public()}});
    const auto accepted = Accept(std::get<Verified>(verified), Standing{TestHost(), in_force.mark, roles}, start);
    ASSERT_EQ(Denied(accepted), nullptr) << Denied(accepted)->detail;
    Adopt(in_force, std::get<Accepted>(accepted), Now{Instant{}, BootInstant{boot}});
    for (const Grant& grant : bundle.grants) in_force.known.emplace(grant.id, KnownGrant{grant.id, grant.account, 5, true, true, {}, {}, grant.end, {}, {}, {}});
  };
  const Instant start = FromUnixSeconds(2000000000);
  adopt(start + Seconds{3600}, start + Seconds{7200}, Seconds{10});
  const BootInstant counted = in_force.facts.deadline.at(Id(1));
  adopt(start + Seconds{5}, start + Seconds{9000}, Seconds{20});
  EXPECT_EQ(in_force.facts.deadline.at(Id(1)), counted);
  EXPECT_GT(in_force.facts.deadline.at(Id(2)), BootInstant{Seconds{20 + 8000}});
}

}  // namespace
}  // namespace curfew::test
