// SPDX-License-Identifier: Apache-2.0
// What should be: each condition alone takes a grant away, and the next change is never missed.
#include "core/desired.h"

#include <gtest/gtest.h>

#include "tests/core/law.h"

namespace curfew::test {
namespace {

/// One live grant of account dev1, uid 1001, at hour 2.
struct OneGrant {
  Bundle bundle = EmptyBundle();
  HostFacts facts;
  Now now{Hour(2), BootInstant{std::chrono::hours(2)}};

  OneGrant() {
    bundle.grants.push_back(MakeGrant(1));
    bundle.managed.push_back(ManagedAccount{Account("dev1"), Gate{true, true}});
    facts.users.emplace(Account("dev1"), 1001);
  }
  [[nodiscard]] Desired At() const { return DesiredState(bundle, facts, now); }
  [[nodiscard]] bool IsLive() const {
    const Desired desired = At();
    const bool any = !desired.live.empty();
    EXPECT_EQ(any, !desired.access.rules.empty());
    EXPECT_EQ(any, !desired.access.keys.empty());
    return any;
  }
};

TEST(Desired, ALiveGrantGivesItsRuleAndItsKey) {
  const Desired desired = OneGrant().At();
  EXPECT_EQ(desired.access.rules, (std::vector<Rule>{{Id(1), 1001, SudoAll(), Hour(4)}}));
  EXPECT_EQ(desired.access.keys.at(Account("dev1")), (std::vector<KeyLine>{{Id(1), Key(1), {}, Hour(4)}}));
  EXPECT_EQ(desired.managed, (std::vector<Gated>{{Account("dev1"), 1001, Gate{true, true}}}));
  ASSERT_EQ(desired.live.size(), 1U);
  EXPECT_EQ(desired.live[0].uid, 1001U);
}

TEST(Desired, StartIsInsideAndEndIsOutside) {
  OneGrant host;
  host.now.utc = Hour(0) - Millis{1};
  EXPECT_FALSE(host.IsLive());
  EXPECT_TRUE(host.At().past.empty()) << "a grant that has not begun is not over";
  host.now.utc = Hour(0);
  EXPECT_TRUE(host.IsLive());
  host.now.utc = Hour(4) - Millis{1};
  EXPECT_TRUE(host.IsLive());
  host.now.utc = Hour(4);
  EXPECT_FALSE(host.IsLive());
  EXPECT_EQ(host.At().past.size(), 1U);
}

TEST(Desired, ATombstoneEndsItAndTheClockSetBackRevivesNothing) {
  OneGrant host;
  host.bundle.ended.push_back(Tombstone{Id(1), Hour(1), Hour(9), "revoked"});
  EXPECT_FALSE(host.IsLive());
  host.now.utc = Hour(0);
  EXPECT_FALSE(host.IsLive());
}

TEST(Desired, WhatEndedHereStaysEndedWhateverTheBundleSays) {
  OneGrant host;
  host.facts.ended.insert(Id(1));
  EXPECT_FALSE(host.IsLive());
}

TEST(Desired, TheBootClockEndsAGrantThatTheWallClockWouldKeep) {
  OneGrant host;
  host.facts.deadline.emplace(Id(1), host.now.boot + Millis{1});
  EXPECT_TRUE(host.IsLive());
  host.now.boot += Millis{1};
  EXPECT_FALSE(host.IsLive());
}

TEST(Desired, AClockBelowTheSignedTimeGrantsNothingAndOpensNoGate) {
  OneGrant host;
  const Desired before = host.At();
  host.facts.not_before = host.now.utc + Millis{1};
  EXPECT_FALSE(host.IsLive());
  EXPECT_EQ(host.At().managed, before.managed);
  EXPECT_TRUE(host.At().past.empty()) << "it is held back, not over";
  EXPECT_EQ(NextChange(host.bundle, host.facts, host.now).utc, host.facts.not_before);
  host.now.utc = host.facts.not_before;
  EXPECT_TRUE(host.IsLive());
}

TEST(Desired, AnAccountThatNobodyKnowsIsGivenNothingAndStaysGated) {
  OneGrant host;
  host.facts.users.clear();
  EXPECT_FALSE(host.IsLive());
  EXPECT_EQ(host.At().managed, (std::vector<Gated>{{Account("dev1"), kNoUid, Gate{true, true}}}));
}

TEST(Desired, ABarredAccountIsNeverManagedWhetherKnownOrNot) {
  OneGrant host;
  host.facts.barred.insert(Account("dev1"));
  EXPECT_TRUE(host.At().managed.empty());
  host.facts.users.clear();
  EXPECT_TRUE(host.At().managed.empty());
  EXPECT_FALSE(host.IsLive());
}

TEST(Desired, AnotherUidThanTheGrantNamesGetsNothing) {
  OneGrant host;
  host.bundle.grants[0].uid = 1002;
  EXPECT_FALSE(host.IsLive());
  host.bundle.grants[0].uid = 1001;
  EXPECT_TRUE(host.IsLive());
}

TEST(Desired, AnAccountBelowTheCeilingsLowestUidIsUntouched) {
  OneGrant host;
  host.facts.users[Account("dev1")] = 999;
  EXPECT_FALSE(host.IsLive());
  EXPECT_TRUE(host.At().managed.empty());
  host.facts.lowest_uid = 999;
  EXPECT_TRUE(host.IsLive());
}

TEST(Desired, UidZeroIsUntouchedWhateverTheCeilingsSay) {
  OneGrant host;
  host.facts.lowest_uid = 0;
  host.facts.users[Account("dev1")] = 0;
  EXPECT_FALSE(host.IsLive());
  EXPECT_TRUE(host.At().managed.empty());
}

TEST(Desired, ARightWithoutAnExactTextGivesNothing) {
  OneGrant host;
  host.bundle.grants[0].sudo->runas = Account("DBA");
  EXPECT_FALSE(host.IsLive()) << "sudo reads a runas of capitals as a Runas_Alias that somebody else defines";
  host.bundle.grants[0].sudo = SudoFor({});
  EXPECT_FALSE(host.IsLive());
  host.bundle.grants[0].sudo = SudoFor({Cmd({"/usr/bin/sudoedit", "/etc/motd"})});
  EXPECT_FALSE(host.IsLive()) << "sudo would refuse the whole file";
}

TEST(Desired, WhatTheGateDoesNotCoverGivesNothingAndWhatIsOverStaysKnown) {
  OneGrant host;
  for (const Gate gate : {Gate{true, false}, Gate{false, true}, Gate{false, false}}) {
    host.bundle.managed = {{Account("dev1"), gate}};
    EXPECT_FALSE(host.IsLive()) << "login and sudo are given, the gate has login=" << gate.login << " sudo=" << gate.sudo;
  }
  host.bundle.managed = {{Account("dev2"), Gate{true, true}}};
  EXPECT_FALSE(host.IsLive());
  EXPECT_TRUE(host.At().past.empty());
  host.facts.ended.insert(Id(1));
  EXPECT_EQ(host.At().past.size(), 1U) << "its sessions are still its own";
}

TEST(Desired, AGateForWhatIsGivenIsEnough) {
  OneGrant host;
  host.bundle.grants[0].login.reset();
  host.bundle.managed = {{Account("dev1"), Gate{false, true}}};
  EXPECT_EQ(host.At().live.size(), 1U);
  host.bundle.managed = {{Account("dev1"), Gate{true, false}}};
  EXPECT_TRUE(host.At().live.empty());
}

TEST(Desired, AccountsUnderTwoManagedEntriesAreGuardedByBoth) {
  OneGrant host;
  host.bundle.managed = {{Account("dev1"), Gate{true, false}}, {Account("dev1"), Gate{false, true}}};
  EXPECT_EQ(host.At().managed, (std::vector<Gated>{{Account("dev1"), 1001, Gate{true, true}}}));
}

TEST(Desired, OneIdIsOneGrant) {
  OneGrant host;
  host.bundle.grants.push_back(host.bundle.grants[0]);
  host.bundle.grants[1].end = Hour(9);
  EXPECT_EQ(host.At().access.rules.size(), 1U);
}

TEST(DesiredLaw, NothingChangesBeforeTheNextChange) {
  Law("between now and NextChange the desired state is the same", [](Dice& dice) {
    const Bundle bundle = RandomBundle(dice, 6);
    const HostFacts facts = RandomFacts(dice, bundle);
    const Now now = RandomNow(dice);
    const NextWake next = NextChange(bundle, facts, now);
    RC_ASSERT((!next.utc || *next.utc > now.utc));
    RC_ASSERT((!next.boot || *next.boot > now.boot));
    const auto far = std::chrono::hours(1000);
    const Now last{next.utc ? *next.utc - Millis{1} : now.utc + far,
                   next.boot ? *next.boot - Millis{1} : now.boot + far};
    RC_ASSERT(DesiredState(bundle, facts, last) == DesiredState(bundle, facts, now));
  });
}

TEST(DesiredLaw, OrderInTheBundleDoesNotMatter) {
  Law("the same grants in another order give the same state", [](Dice& dice) {
    const Bundle bundle = RandomBundle(dice, 6);
    const HostFacts facts = RandomFacts(dice, bundle);
    const Now now = RandomNow(dice);
    Bundle turned = bundle;
    std::reverse(turned.grants.begin(), turned.grants.end());
    std::reverse(turned.managed.begin(), turned.managed.end());
    RC_ASSERT(DesiredState(turned, facts, now) == DesiredState(bundle, facts, now));
  });
}

TEST(DesiredLaw, NothingIsGivenThatIsNotGated) {
  Law("each rule's account is gated for sudo, each key's for login", [](Dice& dice) {
    const Bundle bundle = RandomBundle(dice, 6);
    const Desired desired = DesiredState(bundle, RandomFacts(dice, bundle), RandomNow(dice));
    for (const Rule& rule : desired.access.rules) {
      RC_ASSERT(IsGatedFor(desired.managed, FindGrant(bundle, rule.grant)->account, {false, true}));
    }
    for (const auto& [account, lines] : desired.access.keys) RC_ASSERT(IsGatedFor(desired.managed, account, {true, false}));
  });
}

TEST(DesiredLaw, NobodyHasMoreThanTheUnionOfLiveGrants) {
  Law("each line comes from a grant that is inside its window and has not ended", [](Dice& dice) {
    const Bundle bundle = RandomBundle(dice, 6);
    const HostFacts facts = RandomFacts(dice, bundle);
    const Now now = RandomNow(dice);
    const Desired desired = DesiredState(bundle, facts, now);
    const auto source = [&](const GrantId& id) {
      const auto found =
          std::find_if(bundle.grants.begin(), bundle.grants.end(), [&](const Grant& one) { return one.id == id; });
      RC_ASSERT(found != bundle.grants.end());
      RC_ASSERT(found->start <= now.utc);
      RC_ASSERT(facts.not_before <= now.utc);
      RC_ASSERT(now.utc < found->end);
      RC_ASSERT(!facts.ended.contains(id));
      for (const Tombstone& tombstone : bundle.ended) RC_ASSERT(tombstone.grant != id);
      return *found;
    };
    for (const Rule& rule : desired.access.rules) {
      const Grant grant = source(rule.grant);
      RC_ASSERT((grant.sudo == rule.right && facts.users.at(grant.account) == rule.uid && grant.end == rule.until));
    }
    for (const auto& [account, lines] : desired.access.keys) {
      for (const KeyLine& line : lines) {
        const Grant grant = source(line.grant);
        RC_ASSERT((grant.account == account && grant.end == line.until && grant.login->sources == line.sources));
      }
    }
  });
}

}  // namespace
}  // namespace curfew::test
