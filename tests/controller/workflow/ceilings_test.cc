// SPDX-License-Identifier: Apache-2.0
// The root key lowers the ceilings: what they deny ends, and nothing of before keeps a host from taking the next bundle.
#include "tests/controller/workflow/office.h"

namespace curfew::test {
namespace {

class LowerCeilings : public Office {
 protected:
  LowerCeilings() { Enrol("host1"); }
  TestHost& Host() { return *hosts.at(0); }
  static Ceilings WithoutFullRoot() {
    Ceilings ceilings;
    ceilings.full_root = false;
    return ceilings;
  }
  RequestRecord ActiveRoot() {
    auto request = Approved({"host1"});
    Activate(Host(), Only(request.id).id);
    return request;
  }
  RequestRecord ActiveLook() {
    Ask ask;
    ask.rule = "look";
    auto request = MustAsk("dev2", {"host1"}, ask);
    Activate(Host(), Only(request.id).id);
    return request;
  }
  std::string Offer() { return Host().Take(store->BundleOf(Host().Id()), workflow->Keys().roles, now); }
  std::uint64_t Version() { return store->FindHost(Host().Id())->version; }
};

TEST_F(LowerCeilings, EndWhatTheyDenyAndNothingElse) {
  const auto root = ActiveRoot();
  const auto look = ActiveLook();
  RestartUnder(WithoutFullRoot());
  EXPECT_EQ(Shown(root.id).state, RequestState::kRevoking);
  EXPECT_EQ(Only(root.id).cause, "condition");
  EXPECT_EQ(Shown(look.id).state, RequestState::kActive);
  const auto notices = store->NoticesOf(*PersonName::Parse("dev1"));
  ASSERT_FALSE(notices.empty());
  EXPECT_NE(notices.back().text.find("full root is not allowed"), std::string::npos) << notices.back().text;
  ASSERT_EQ(Offer(), "ok");
  EXPECT_FALSE(Host().HasGrant(Only(root.id).id, now));
  EXPECT_TRUE(Host().HasGrant(Only(look.id).id, now));
  EXPECT_EQ(Host().InForce().ended.size(), 1U);
  EXPECT_EQ(Host().TakeRevocation(store->RevocationOf(Only(root.id).id), workflow->Keys().roles), "ok");
}

TEST_F(LowerCeilings, AreAppliedOnce) {
  const auto root = ActiveRoot();
  RestartUnder(WithoutFullRoot());
  const std::uint64_t version = Version();
  Restart();
  static_cast<void>(workflow->Turn(now));
  EXPECT_EQ(Version(), version) << "the newest bundle would be taken";
  EXPECT_EQ(store->NoticesOf(*PersonName::Parse("dev1")).size(), 1U);
}

// It ended before, and nobody has proved it: it is listed for its host's sake.
TEST_F(LowerCeilings, AreNotBlockedByWhatEndedBefore) {
  const auto root = ActiveRoot();
  ASSERT_TRUE(ReturnAs("dev1", root.id));
  RestartUnder(WithoutFullRoot());
  EXPECT_EQ(Offer(), "ok");
  EXPECT_EQ(Only(root.id).cause, "returned");
}

TEST_F(LowerCeilings, HoldForWhatIsApprovedUnderThem) {
  const auto pending = MustAsk("dev1", {"host1"});
  RestartUnder(WithoutFullRoot());
  ASSERT_TRUE(ApproveAs("lead1", pending.id));
  EXPECT_EQ(Shown(pending.id).state, RequestState::kFailed);
  EXPECT_NE(Shown(pending.id).failure.find("full root is not allowed"), std::string::npos) << Shown(pending.id).failure;
  EXPECT_EQ(Offer(), "ok");
}

TEST_F(LowerCeilings, ProtectAnAccountThatThePolicyManages) {
  const auto look = ActiveLook();
  Ceilings ceilings;
  ceilings.denied_accounts = {*AccountName::Parse("dev2")};
  RestartUnder(ceilings);
  EXPECT_EQ(Shown(look.id).state, RequestState::kRevoking);
  ASSERT_EQ(Offer(), "ok");
  ASSERT_EQ(Host().InForce().managed.size(), 1U);
  EXPECT_EQ(Host().InForce().managed[0].name.Text(), "dev1");
}

}  // namespace
}  // namespace curfew::test
