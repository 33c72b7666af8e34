// SPDX-License-Identifier: Apache-2.0
// Whom and what a bundle lists: accounts while anything given on them is unproved, grants while their host needs them, and
// of one person no more than a share.
#include "tests/controller/workflow/office.h"

namespace curfew::test {
namespace {

class Listed : public Office {
 protected:
  Listed() { Enrol("host1"); }
  TestHost& Host() { return *hosts.at(0); }
  void Load(const std::string& managed) {
    const auto loaded = workflow->LoadPolicy("version: 1\nmanaged: [" + managed + "]\npolicies: []\n", "p.yaml", "admin", now);
    ASSERT_TRUE(loaded) << loaded.error().Text();
  }
  std::optional<Gate> GateOf(const std::string& name) {
    for (const auto& account : Host().InForce().managed) {
      if (account.name.Text() == name) return account.gate;
    }
    return std::nullopt;
  }
  void Prove(const RequestRecord& request, const std::string& cause) {
    Host().SayReceipt(Only(request.id).id, now, cause);
    ASSERT_EQ(HandIn(Host()), "ok");
  }
};

constexpr Gate kSudoOnly{false, true};
constexpr Gate kBoth{true, true};

TEST_F(Listed, AnAccountStaysGatedUntilItsLastEndIsProvedWhateverThePolicySays) {
  const auto request = Approved({"host1"});
  Activate(Host(), Only(request.id).id);
  ASSERT_EQ(GateOf("dev1"), kBoth);
  Load("");
  Accept(Host());
  EXPECT_EQ(GateOf("dev1"), kSudoOnly) << "what the grant gives";
  EXPECT_EQ(GateOf("dev2"), std::nullopt);
  ASSERT_TRUE(ReturnAs("dev1", request.id));
  Accept(Host());
  EXPECT_EQ(GateOf("dev1"), kSudoOnly) << "over, but not proved";
  pushed.clear();
  Prove(request, "returned");
  ASSERT_EQ(pushed.size(), 1U);
  Accept(Host());
  EXPECT_EQ(GateOf("dev1"), std::nullopt);
}

TEST_F(Listed, AGateThatThePolicyNarrowsStaysAsWideAsWhatIsGiven) {
  const auto request = Approved({"host1"});
  Activate(Host(), Only(request.id).id);
  Load("{hosts: env=lab, accounts: [dev1, dev2], gate: [login]}");
  Accept(Host());
  EXPECT_EQ(GateOf("dev1"), kBoth);
  EXPECT_EQ(GateOf("dev2"), (Gate{true, false}));
}

TEST_F(Listed, AGrantThatWasNeverBegunLetsTheAccountGoWhenItsHostHasHeardOfTheEnd) {
  const auto request = Approved({"host1"});
  Load("");
  Accept(Host());
  ASSERT_EQ(GateOf("dev1"), kSudoOnly);
  ASSERT_TRUE(ReturnAs("dev1", request.id));
  Accept(Host());
  EXPECT_EQ(Only(request.id).proof, Proof::kNone);
  Accept(Host());
  EXPECT_EQ(GateOf("dev1"), std::nullopt);
}

TEST_F(Listed, WhatWasTakenAwayAndProvedLeavesAndItsTombstoneStaysForAnHour) {
  Ask ask;
  ask.duration = Seconds{4 * 3600};
  const auto request = Approved({"host1"}, ask);
  Activate(Host(), Only(request.id).id);
  ASSERT_TRUE(ReturnAs("dev1", request.id));
  Accept(Host());
  EXPECT_EQ(Host().InForce().grants.size(), 1U);
  Prove(request, "returned");
  static_cast<void>(MustAsk("dev2", {"host1"}, [] { Ask look; look.rule = "look"; return look; }()));
  Accept(Host());
  EXPECT_EQ(Host().InForce().grants.size(), 1U) << "dev2's alone";
  EXPECT_EQ(Host().InForce().ended.size(), 1U);
  RunUntil(now + Seconds{2 * 3600});
  ASSERT_LT(now, Only(request.id).end);
  Load("");
  Accept(Host());
  const auto is_it = [&](const Tombstone& stone) { return stone.grant == Only(request.id).id; };
  EXPECT_TRUE(std::ranges::none_of(Host().InForce().ended, is_it)) << "no host would begin it by now";
}

TEST_F(Listed, OnePersonHasAShareAndNoMoreUntilSomeOfItIsProved) {
  Ask look;
  look.rule = "look";
  std::optional<RequestRecord> last;
  for (int i = 0; i < 20; ++i) last = MustAsk("dev1", {"host1"}, look);
  const auto refused = AskFor("dev1", {"host1"}, look);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, Refusal::kUnusable);
  EXPECT_NE(refused.error().what.find("20 requests live"), std::string::npos) << refused.error().what;
  EXPECT_NE(refused.error().hint.find("curfew return"), std::string::npos);
  EXPECT_TRUE(AskFor("dev2", {"host1"}, look)) << "another's share is their own";
  Activate(Host(), Only(last->id).id);
  ASSERT_TRUE(ReturnAs("dev1", last->id));
  EXPECT_FALSE(AskFor("dev1", {"host1"}, look)) << "its host still has to know it";
  Prove(*last, "returned");
  EXPECT_TRUE(AskFor("dev1", {"host1"}, look));
}

TEST_F(Listed, WhatNobodyProvesCountsToItsOwnEndOnly) {
  Ask look;
  look.rule = "look";
  for (int i = 0; i < 20; ++i) static_cast<void>(ReturnAs("dev1", MustAsk("dev1", {"host1"}, look).id));
  ASSERT_FALSE(AskFor("dev1", {"host1"}, look));
  RunUntil(now + Seconds{600});
  EXPECT_TRUE(AskFor("dev1", {"host1"}, look));
}

TEST_F(Listed, AGrantSaysUntilWhenItMayBegin) {
  const auto request = Approved({"host1"});
  Accept(Host());
  ASSERT_EQ(Host().InForce().grants.size(), 1U);
  EXPECT_EQ(Host().InForce().grants[0].activate_by, Only(request.id).start + Seconds{120} + kClockSkew);
  RunUntil(now + Seconds{120});
  EXPECT_NE(Shown(request.id).failure.find("within 2m"), std::string::npos) << Shown(request.id).failure;
  Ask ask;
  ask.duration = Seconds{60};
  const auto brief = Approved({"host1"}, ask);
  Accept(Host());
  EXPECT_EQ(FindGrant(Host().InForce(), Only(brief.id).id)->activate_by, Only(brief.id).end);
}

TEST_F(Listed, AGrantThatCouldNotBeginNamesTheMomentAfterWhichItNeverWill) {
  const auto request = Approved({"host1"});
  RunUntil(now + Seconds{120});
  const std::string last = Rfc3339(Only(request.id).start + Seconds{120} + kClockSkew);
  EXPECT_NE(Shown(request.id).failure.find("cannot begin this grant after " + last), std::string::npos) << Shown(request.id).failure;
}

}  // namespace
}  // namespace curfew::test
