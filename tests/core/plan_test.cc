// SPDX-License-Identifier: Apache-2.0
// One turn of the loop after another, by hand: what is asked, what is written, and in which order.
#include "core/plan.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "core/host_files.h"
#include "tests/core/plan_text.h"
#include "tests/core/state_world.h"

namespace curfew::test {
namespace {

const Command kId = Cmd({"/usr/bin/id"});
const Command kList = Cmd({"/usr/bin/ls"});

Desired HostWith(const std::vector<Grant>& grants, Gate gate = Gate{true, true}) {
  Bundle bundle = EmptyBundle();
  bundle.grants = grants;
  bundle.managed.push_back(ManagedAccount{Account("dev1"), gate});
  HostFacts facts;
  facts.users.emplace(Account("dev1"), 1001);
  return DesiredState(bundle, facts, Now{Hour(2), BootInstant{}});
}

Rule RuleOf(std::size_t number) { return Rule{Id(number), 1001, SudoAll(), Hour(4)}; }
KeyLine LineOf(std::size_t number) { return KeyLine{Id(number), Key(number), {}, Hour(4)}; }

Assured AssuredOf(std::set<GrantId> intended, std::vector<Rule> checked) {
  Assured assured;
  assured.intended = std::move(intended);
  assured.checked = std::move(checked);
  return assured;
}

TEST(Plan, AnEmptyHostClosesTheGateAndAsksFirst) {
  const Desired desired = HostWith({MakeGrant(1)});
  EXPECT_EQ(Texts(Plan(desired, Actual{}, Assured{})),
            Texts({ReplaceManaged{desired.managed}, Intend{Id(1)}, CheckRules{{RuleOf(1)}}}));
}

TEST(Plan, WithItsAnswersItGivesKeysAndRules) {
  const Desired desired = HostWith({MakeGrant(1)});
  Actual actual;
  actual.managed = desired.managed;
  EXPECT_EQ(Texts(Plan(desired, actual, AssuredOf({Id(1)}, {RuleOf(1)}))),
            Texts({ReplaceRules{{RuleOf(1)}, true}, ReplaceKeys{Account("dev1"), {LineOf(1)}, true}}));
}

// A change of policy from a thousand accounts to a thousand others, while yet others were not taken away: whatever the list holds,
// the PAM module reads it, and every account that is guarded from now on is in it.
TEST(Plan, NoManagedListIsLongerThanItIsRead) {
  const auto gates = [](const std::string& prefix) {
    std::vector<Gated> list;
    for (std::size_t i = 0; i < kMaxManaged; ++i) {
      const std::string digits = std::to_string(100000 + i);
      list.push_back(Gated{Account(prefix + std::string(26 - prefix.size(), 'x') + digits), 4294967294U, Gate{true, false}});
    }
    return list;
  };
  Desired desired;
  desired.managed = gates("a");
  Actual actual;
  for (const char* prefix : {"b", "c"}) {
    for (Gated& gated : gates(prefix)) actual.managed.push_back(std::move(gated));
  }
  Assured assured;
  assured.held_back.insert(actual.managed.front().name);
  std::size_t lists = 0;
  for (const Action& action : Plan(desired, actual, assured)) {
    const auto* replace = std::get_if<ReplaceManaged>(&action);
    if (replace == nullptr) continue;
    ++lists;
    EXPECT_LE(RenderManaged(replace->managed).size(), kMostManagedText);
    EXPECT_TRUE(std::ranges::includes(replace->managed, desired.managed, {}, &Gated::name, &Gated::name));
    EXPECT_EQ(std::ranges::count(replace->managed, actual.managed.front().name, &Gated::name), 1) << "nothing was taken from it";
  }
  EXPECT_EQ(lists, 2U);
}

TEST(Plan, AnEndNeedsNeitherIntentNorCheck) {
  const Desired desired = HostWith({MakeGrant(2)});
  const Actual actual = AppliedState(HostWith({MakeGrant(1), MakeGrant(2)}), Hour(2));
  EXPECT_EQ(Texts(Plan(desired, actual, Assured{})),
            Texts({ReplaceRules{{RuleOf(2)}, false}, ReplaceKeys{Account("dev1"), {LineOf(2)}, false}}));
}

TEST(Plan, AnEndDoesNotWaitForAGiftInTheSameFile) {
  const Desired desired = HostWith({MakeGrant(2)});
  const Actual actual = AppliedState(HostWith({MakeGrant(1)}), Hour(2));
  const auto plan = Plan(desired, actual, AssuredOf({Id(2)}, {RuleOf(2)}));
  EXPECT_EQ(Texts(plan), Texts({ReplaceRules{{}, false}, ReplaceKeys{Account("dev1"), {}, false},
                                ReplaceRules{{RuleOf(2)}, true}, ReplaceKeys{Account("dev1"), {LineOf(2)}, true}}));
}

TEST(Plan, AGateOpensLast) {
  const Desired desired = HostWith({MakeGrant(1)}, Gate{true, false});
  Actual actual;
  actual.managed = {Gated{Account("dev1"), 1001, Gate{false, true}}};
  const auto plan = Plan(desired, actual, AssuredOf({Id(1)}, {RuleOf(1)}));
  EXPECT_EQ(plan.front(), Action(ReplaceManaged{{Gated{Account("dev1"), 1001, Gate{true, true}}}}));
  EXPECT_EQ(plan.back(), Action(ReplaceManaged{{Gated{Account("dev1"), 1001, Gate{true, false}}}}));
}

TEST(Plan, AForeignRulesFileIsRepairedAtOnceFromWhatWasChecked) {
  const Desired desired = HostWith({MakeGrant(1), MakeGrant(2)});
  Actual actual = AppliedState(desired, Hour(2));
  actual.access.rules.clear();
  actual.rules_foreign = true;
  const auto plan = Plan(desired, actual, AssuredOf({Id(1), Id(2)}, {RuleOf(1)}));
  EXPECT_EQ(Texts(plan), Texts({ReplaceRules{{RuleOf(1)}, false}, CheckRules{{RuleOf(1), RuleOf(2)}}}));
}

TEST(Plan, AForeignFileOfNobodyIsEmptied) {
  Actual actual = AppliedState(HostWith({}), Hour(2));
  actual.rules_foreign = true;
  actual.keys_foreign = {Account("dev2")};
  EXPECT_EQ(Texts(Plan(HostWith({}), actual, Assured{})),
            Texts({ReplaceRules{{}, false}, ReplaceKeys{Account("dev2"), {}, false}}));
}

TEST(Plan, ARefusedTextHoldsUpOnlyTheGrantThatSpoilsIt) {
  const Desired desired = HostWith({MakeGrant(1), MakeGrant(2)});
  Actual actual = AppliedState(desired, Hour(2));
  actual.access.rules.clear();
  Assured assured = AssuredOf({Id(1), Id(2)}, {});
  ASSERT_EQ(Texts(Plan(desired, actual, assured)), Texts({CheckRules{{RuleOf(1), RuleOf(2)}}}));
  NoteRefusal({RuleOf(1), RuleOf(2)}, actual, assured);
  ASSERT_EQ(Texts(Plan(desired, actual, assured)), Texts({CheckRules{{RuleOf(1)}}}));
  NoteRefusal({RuleOf(1)}, actual, assured);
  ASSERT_EQ(Texts(Plan(desired, actual, assured)), Texts({CheckRules{{RuleOf(2)}}}));
  assured.checked = {RuleOf(2)};
  ASSERT_EQ(Texts(Plan(desired, actual, assured)), Texts({ReplaceRules{{RuleOf(2)}, true}}));
  actual.access.rules = {RuleOf(2)};
  EXPECT_TRUE(Plan(desired, actual, assured).empty()) << "a refused grant is not offered again";
}

TEST(Plan, AMissingIntentDoesNotHoldUpAnothersGift) {
  const Desired desired = HostWith({MakeGrant(1), MakeGrant(2)});
  Actual actual = AppliedState(desired, Hour(2));
  actual.access = {};
  const auto plan = Plan(desired, actual, AssuredOf({Id(2)}, {RuleOf(1), RuleOf(2)}));
  EXPECT_EQ(Texts(plan),
            Texts({Intend{Id(1)}, ReplaceRules{{RuleOf(2)}, true}, ReplaceKeys{Account("dev1"), {LineOf(2)}, true}}));
}

TEST(OnlyTakes, SaysWhatIsStillDoneAfterAFailure) {
  Actual actual;
  actual.managed = {Gated{Account("dev1"), 1001, Gate{true, false}}};
  const Session session{"s", 1001, Id(1), SessionKind::kLogin, Hour(4)};
  EXPECT_TRUE(OnlyTakes(ReplaceRules{{}, false}, actual));
  EXPECT_FALSE(OnlyTakes(ReplaceRules{{}, true}, actual));
  EXPECT_TRUE(OnlyTakes(ReplaceKeys{Account("dev1"), {}, false}, actual));
  EXPECT_FALSE(OnlyTakes(ReplaceKeys{Account("dev1"), {}, true}, actual));
  EXPECT_TRUE(OnlyTakes(ReplaceManaged{{Gated{Account("dev1"), 1001, Gate{true, true}}}}, actual));
  EXPECT_FALSE(OnlyTakes(ReplaceManaged{{Gated{Account("dev1"), 1001, Gate{false, true}}}}, actual));
  EXPECT_FALSE(OnlyTakes(ReplaceManaged{{}}, actual));
  EXPECT_TRUE(OnlyTakes(EndSession{session}, actual));
  EXPECT_TRUE(OnlyTakes(RebindSession{session, Id(2), Hour(3)}, actual));
  EXPECT_FALSE(OnlyTakes(RebindSession{session, Id(2), Hour(5)}, actual));
  EXPECT_TRUE(OnlyTakes(Intend{Id(1)}, actual));
}

TEST(Covers, EveryCommandCoversOne) {
  EXPECT_TRUE(Covers(SudoAll(), SudoFor({kId})));
  EXPECT_FALSE(Covers(SudoFor({kId}), SudoAll()));
}

TEST(Covers, MoreCommandsCoverFewer) {
  EXPECT_TRUE(Covers(SudoFor({kList, kId}), SudoFor({kId})));
  EXPECT_FALSE(Covers(SudoFor({kId}), SudoFor({kList, kId})));
}

TEST(Covers, AnotherRunasCoversNothing) {
  SudoRight other = SudoAll();
  other.runas = Account("www-data");
  EXPECT_FALSE(Covers(other, SudoFor({kId})));
  EXPECT_FALSE(Covers(SudoAll(), other));
}

TEST(Covers, ARightThatAsksForThePasswordDoesNotCoverOneThatDoesNot) {
  SudoRight asking = SudoAll();
  asking.authenticate = true;
  EXPECT_FALSE(Covers(asking, SudoFor({kId})));
  EXPECT_TRUE(Covers(SudoAll(), asking));
}

}  // namespace
}  // namespace curfew::test
