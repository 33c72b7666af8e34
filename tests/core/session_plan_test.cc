// SPDX-License-Identifier: Apache-2.0
// Open sessions across ends and renewals: whose they are, how long they last, and when they go.
#include <gtest/gtest.h>

#include "core/decide.h"
#include "core/host_files.h"
#include "core/plan.h"
#include "core/session_plan.h"
#include "tests/core/plan_text.h"
#include "tests/core/state_world.h"

namespace curfew::test {
namespace {

/// A host at a moment with grants and one session under Id(1).
struct Host {
  Bundle bundle = EmptyBundle();
  HostFacts facts;
  Now now{Hour(2), BootInstant{}};
  Session session{"user.slice/user-1001.slice/session-3.scope", 1001, Id(1), SessionKind::kLogin, Hour(4)};
  Assured assured;

  explicit Host(std::vector<Grant> grants) {
    bundle.grants = std::move(grants);
    facts.users.emplace(Account("dev1"), 1001);
    facts.users.emplace(Account("dev2"), 1002);
    bundle.managed = {{Account("dev1"), Gate{true, true}}, {Account("dev2"), Gate{true, true}}};
  }
  [[nodiscard]] std::vector<std::string> Steps() const {
    const Desired desired = DesiredState(bundle, facts, now);
    Actual actual = AppliedState(desired, now.utc);
    actual.sessions = {session};
    return Texts(Plan(desired, actual, assured));
  }
  [[nodiscard]] std::vector<std::string> Ends() const { return Texts({EndSession{session}}); }
  [[nodiscard]] std::vector<std::string> GoesOn(std::size_t grant, Instant deadline) const {
    return Texts({RebindSession{session, Id(grant), deadline}});
  }
};

Grant Until(std::size_t number, std::int64_t hour) {
  Grant grant = MakeGrant(number);
  grant.end = Hour(hour);
  return grant;
}

TEST(SessionPlan, ASessionUnderItsLiveGrantIsLeftAlone) { EXPECT_TRUE(Host({Until(1, 4)}).Steps().empty()); }

TEST(SessionPlan, ASessionEndsWithItsGrant) {
  Host host({Until(1, 4)});
  host.now.utc = Hour(4);
  EXPECT_EQ(host.Steps(), host.Ends());
}

TEST(SessionPlan, ASessionEndsWithARevocation) {
  Host host({Until(1, 4)});
  host.facts.ended.insert(Id(1));
  EXPECT_EQ(host.Steps(), host.Ends());
}

TEST(SessionPlan, ASessionOfAGrantNobodyKnowsEnds) {
  Host host({Until(2, 4)});
  EXPECT_EQ(host.Steps(), host.Ends());
}

TEST(SessionPlan, ARenewalIsBoundBeforeTheOldGrantEnds) {
  Host host({Until(1, 4), Until(2, 8)});
  EXPECT_EQ(host.Steps(), host.GoesOn(2, Hour(8)));
}

TEST(SessionPlan, ARenewalThatStartsAsTheOldGrantEndsLeavesNoGap) {
  Host host({Until(1, 4), Until(2, 8)});
  host.bundle.grants[1].start = Hour(4);
  EXPECT_TRUE(host.Steps().empty());
  host.now.utc = Hour(4);
  EXPECT_EQ(host.Steps(), host.GoesOn(2, Hour(8)));
}

TEST(SessionPlan, AfterAnEarlyEndItGoesOnUnderTheShorterGrantOfThePerson) {
  Host host({Until(1, 4), Until(2, 3)});
  EXPECT_TRUE(host.Steps().empty());
  host.facts.ended.insert(Id(1));
  EXPECT_EQ(host.Steps(), host.GoesOn(2, Hour(3)));
}

TEST(SessionPlan, AnotherPersonsGrantOnTheAccountKeepsNoLogin) {
  Host host({Until(1, 4), Until(2, 8)});
  host.bundle.grants[1].principal = Person("lead2");
  EXPECT_TRUE(host.Steps().empty());
  host.facts.ended.insert(Id(1));
  EXPECT_EQ(host.Steps(), host.Ends());
}

TEST(SessionPlan, AnotherAccountsGrantOfThePersonKeepsNoLogin) {
  Host host({Until(1, 4), Until(2, 8)});
  host.bundle.grants[1].account = Account("dev2");
  host.facts.ended.insert(Id(1));
  EXPECT_EQ(host.Steps(), host.Ends());
}

TEST(SessionPlan, AGrantWithoutLoginKeepsNoLogin) {
  Host host({Until(1, 4), Until(2, 8)});
  host.bundle.grants[1].login.reset();
  host.facts.ended.insert(Id(1));
  EXPECT_EQ(host.Steps(), host.Ends());
}

TEST(SessionPlan, ASudoSessionGoesOnUnderAnyGrantOfTheAccountThatCoversIt) {
  Host host({Until(1, 4), Until(2, 8)});
  host.session.kind = SessionKind::kSudo;
  host.bundle.grants[1].principal = Person("lead2");
  host.facts.ended.insert(Id(1));
  EXPECT_EQ(host.Steps(), host.GoesOn(2, Hour(8)));
  host.bundle.grants[1].sudo = SudoFor({Cmd({"/usr/bin/id"})});
  EXPECT_EQ(host.Steps(), host.Ends());
}

TEST(SessionPlan, ASudoSessionOutlastsNoOtherSudoGrantByARenewal) {
  Host host({Until(1, 4), Until(2, 8), Until(3, 6)});
  host.session.kind = SessionKind::kSudo;
  for (Grant& grant : host.bundle.grants) grant.sudo = SudoFor({Cmd({"/usr/bin/id"})});
  EXPECT_EQ(host.Steps(), host.GoesOn(2, Hour(8)));
  host.bundle.grants[2].sudo = SudoFor({Cmd({"/usr/bin/true"})});
  EXPECT_TRUE(host.Steps().empty()) << "it may be of the third, which the second does not cover";
}

TEST(SessionPlan, AnAccountMadeAnewUnderAnotherUidKeepsNoSession) {
  Host host({Until(1, 4)});
  host.facts.users[Account("dev1")] = 1007;
  EXPECT_EQ(host.Steps(), host.Ends());
}

TEST(SessionPlan, AGrantCutShorterShortensItsSession) {
  Host host({Until(1, 3)});
  EXPECT_EQ(host.Steps(), host.GoesOn(1, Hour(3)));
}

TEST(SessionPlan, TheLongestSessionHoldsWhateverIsRenewed) {
  Host host({Until(1, 4), Until(2, 8)});
  host.bundle.grants[0].longest_session = Seconds{3600};
  host.session.deadline = Hour(3);
  EXPECT_TRUE(host.Steps().empty());
  host.now.utc = Hour(3);
  EXPECT_EQ(host.Steps(), host.Ends());
}

TEST(SessionPlan, NothingIsLengthenedWhileARemovalFails) {
  Host host({Until(1, 4), Until(2, 8)});
  host.assured.held_back.insert(Account("dev1"));
  EXPECT_TRUE(host.Steps().empty());
  host.facts.ended.insert(Id(1));
  EXPECT_EQ(host.Steps(), host.Ends());
}

TEST(SessionPlan, ASessionEndsBeforeAnythingIsGiven) {
  Host host({Until(1, 4), Until(2, 8)});
  host.bundle.grants[1].principal = Person("lead2");
  host.facts.ended.insert(Id(1));
  const Desired desired = DesiredState(host.bundle, host.facts, host.now);
  Actual actual;
  actual.managed = desired.managed;
  actual.sessions = {host.session};
  Assured assured;
  assured.intended = {Id(2)};
  assured.checked = desired.access.rules;
  const auto plan = Plan(desired, actual, assured);
  ASSERT_EQ(plan.size(), 3U);
  EXPECT_EQ(plan[0], Action(EndSession{host.session}));
}

TEST(AccountLines, HaveTheLastEndOfEachKindOfGrant) {
  Host host({Until(1, 4), Until(2, 8), Until(3, 9)});
  host.bundle.grants[0].sudo = MakeGrant(1).sudo;
  host.bundle.grants[1].sudo.reset();
  host.bundle.grants[2].login.reset();
  host.bundle.grants[2].sudo = MakeGrant(1).sudo;
  const Desired desired = DesiredState(host.bundle, host.facts, host.now);
  const std::string slice = "user.slice/user-1001.slice";
  EXPECT_EQ(AccountLines(desired), (std::vector<Session>{{slice + "/user@1001.service", 1001, Id(2), SessionKind::kLogin, Hour(8)},
                                                         {slice, 1001, Id(3), SessionKind::kSudo, Hour(9)}}));
  for (const Session& line : AccountLines(desired)) EXPECT_TRUE(IsAccountLine(line));
  EXPECT_FALSE(IsAccountLine(host.session));
  EXPECT_TRUE(MaySudo(1001, nullptr, desired));
  EXPECT_FALSE(MaySudo(1002, nullptr, desired));
}

TEST(AccountLines, LeaveOutLoginsThatAreNotGuardedAndGrantsThatAreOver) {
  Host host({Until(1, 4)});
  host.bundle.grants[0].sudo.reset();
  host.bundle.managed.clear();
  EXPECT_TRUE(AccountLines(DesiredState(host.bundle, host.facts, host.now)).empty());
  host.bundle.managed = {ManagedAccount{Account("dev1"), Gate{true, true}}};
  EXPECT_EQ(AccountLines(DesiredState(host.bundle, host.facts, host.now)).size(), 1U);
  host.now.utc = Hour(4);
  EXPECT_TRUE(AccountLines(DesiredState(host.bundle, host.facts, host.now)).empty());
}

TEST(SessionPlan, NextDeadlineIsTheSoonestToCome) {
  const Session base{"s", 1001, Id(1), SessionKind::kLogin, Hour(4)};
  Session sooner = base;
  sooner.deadline = Hour(3);
  EXPECT_EQ(NextDeadline({base, sooner}, Hour(2)), Hour(3));
  EXPECT_EQ(NextDeadline({base, sooner}, Hour(3)), Hour(4));
  EXPECT_EQ(NextDeadline({base, sooner}, Hour(4)), std::nullopt);
}

}  // namespace
}  // namespace curfew::test
