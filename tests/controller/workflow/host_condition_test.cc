// SPDX-License-Identifier: Apache-2.0
// What is shown of a host beside its grants: what drifted there, and how far its clock is off.
#include "tests/controller/workflow/office.h"

namespace curfew::test {
namespace {

class HostCondition : public Office {
 protected:
  HostCondition() { Enrol("host1"); }
  TestHost& Host() { return *hosts.at(0); }
  void Say(EventKind kind, const std::string& detail, const std::string& of_boot = "boot1") {
    Event& event = Host().Say(kind, now);
    event.detail = detail;
    event.boot = of_boot;
    ASSERT_EQ(HandIn(Host()), "ok");
  }
  std::vector<std::string> Drift() {
    std::vector<std::string> what;
    for (const auto& one : store->DriftOf(Host().Id())) what.push_back(one.what);
    return what;
  }
  std::optional<Millis> Offset() { return store->FindHost(Host().Id())->clock_offset; }
  /// The newest bundle goes out now, and is acknowledged `later` by a clock that is `off`.
  void Acknowledge(Millis later, Millis off) {
    fleet->Connected(Host().Id(), {});
    const auto offers = fleet->OffersFor(Host().Id());
    ASSERT_EQ(Host().Take(offers.back(), workflow->Keys().roles, now), "ok");
    Host().Say(EventKind::kBundleAccepted, now + later / 2 + off, "", Host().InForce().version);
    now += later;
    ASSERT_EQ(HandIn(Host()), "ok");
  }
};

TEST_F(HostCondition, DriftIsShownUntilItIsRepaired) {
  Say(EventKind::kDrift, "/etc/sudoers.d/curfew: was changed");
  Say(EventKind::kDrift, "/run/curfew/keys: has another owner");
  Say(EventKind::kDrift, "/etc/sudoers.d/curfew: was changed");
  EXPECT_EQ(Drift().size(), 2U);
  Say(EventKind::kRepaired, "/etc/sudoers.d/curfew: was changed");
  EXPECT_EQ(Drift(), std::vector<std::string>{"/run/curfew/keys: has another owner"});
  // Meanwhile it was wrong in another way.
  Say(EventKind::kRepaired, "/run/curfew/keys: is missing");
  EXPECT_TRUE(Drift().empty());
}

TEST_F(HostCondition, ANewBootBeginsAnew) {
  Say(EventKind::kDrift, "a: is wrong");
  Say(EventKind::kDrift, "b: is wrong", "boot2");
  EXPECT_EQ(Drift(), std::vector<std::string>{"b: is wrong"});
}

TEST_F(HostCondition, TheClockIsMeasuredByAPromptAcknowledgement) {
  EXPECT_FALSE(Offset());
  Acknowledge(Millis{200}, Millis{5000});
  EXPECT_EQ(Offset(), Millis{5000});
  static_cast<void>(Approved({"host1"}));
  Acknowledge(Millis{100}, Millis{-30});
  EXPECT_EQ(Offset(), Millis{-30});
}

TEST_F(HostCondition, AnAcknowledgementThatWasLongOnItsWaySaysNothing) {
  Acknowledge(Millis{2001}, Millis{0});
  EXPECT_FALSE(Offset());
}

}  // namespace
}  // namespace curfew::test
