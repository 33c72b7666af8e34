// SPDX-License-Identifier: Apache-2.0
// Early ends as sealed revocations: one for each, offered before the bundle, good without it, and never undone by it.
#include "core/codec.h"
#include "tests/controller/workflow/office.h"

namespace curfew::test {
namespace {

class Revocations : public Office {
 protected:
  Revocations() { Enrol("host1"); }
  TestHost& Host() { return *hosts.at(0); }
  const RoleTable& Roles() const { return workflow->Keys().roles; }
  RequestRecord Active() {
    auto request = Approved({"host1"});
    Activate(Host(), Only(request.id).id);
    return request;
  }
  void Connect(TestHost& host) {
    AgentFacts facts;
    facts.roles_version = 1;
    facts.epoch = 1;
    facts.version = host.InForce().version;
    fleet->Connected(host.Id(), facts);
  }
  Revocation Read(const std::string& sealed) const {
    return *DecodeRevocation(std::get<Verified>(Verify(sealed, Purpose::kRevocation, Roles().roles.at(Purpose::kRevocation))));
  }
};

TEST_F(Revocations, OneForEachEarlyEnd) {
  const auto returned = Active();
  ASSERT_TRUE(ReturnAs("dev1", returned.id));
  const auto revoked = Active();
  ASSERT_TRUE(workflow->Run(now, [&](Change& change) { return Revoke(change, Who("lead1"), revoked.id, "enough"); }));
  const auto failed = Approved({"host1"});
  const auto disabled = MustAsk("dev2", {"host1"});
  ASSERT_TRUE(ApproveAs("lead1", disabled.id));
  Activate(Host(), Only(disabled.id).id);
  RunUntil(now + Seconds{120});
  ASSERT_EQ(Shown(failed.id).state, RequestState::kFailed);
  ASSERT_TRUE(workflow->Run(now, [&](Change& change) -> Outcome<bool> {
    EndEverythingOf(change, *PersonName::Parse("dev2"), "admin");
    return true;
  }));
  const auto removed = Active();
  ASSERT_TRUE(Remove("host1"));
  for (const auto& request : {returned, revoked, failed, disabled, removed}) {
    const auto grant = Only(request.id);
    const std::string sealed = store->RevocationOf(grant.id);
    ASSERT_FALSE(sealed.empty()) << grant.cause;
    EXPECT_EQ(Read(sealed).grant, grant.id);
    EXPECT_EQ(Read(sealed).host, Host().Id());
    EXPECT_GT(Read(sealed).until, grant.end) << "remembered past the end, whatever a clock says";
  }
}

TEST_F(Revocations, NoneForAnEndInItsOwnTime) {
  const auto request = Active();
  RunUntil(Only(request.id).end);
  EXPECT_EQ(Only(request.id).cause, "expired");
  EXPECT_TRUE(store->RevocationOf(Only(request.id).id).empty());
}

TEST_F(Revocations, OfferedBeforeTheBundleAndGoodWithoutIt) {
  const auto request = Active();
  Connect(Host());
  EXPECT_TRUE(fleet->OffersFor(Host().Id()).empty());
  const std::string before = store->BundleOf(Host().Id());
  ASSERT_TRUE(ReturnAs("dev1", request.id));
  const auto offers = fleet->OffersFor(Host().Id());
  ASSERT_EQ(offers.size(), 2U);
  ASSERT_TRUE(Host().HasGrant(Only(request.id).id, now));
  ASSERT_EQ(Host().TakeRevocation(offers[0], Roles()), "ok");
  EXPECT_FALSE(Host().HasGrant(Only(request.id).id, now));
  // The bundle of before, once more: still in force there, and of no use.
  ASSERT_EQ(Host().Take(before, Roles(), now), "ok");
  EXPECT_FALSE(Host().HasGrant(Only(request.id).id, now));
  EXPECT_EQ(Host().Take(offers[1], Roles(), now), "ok");
  EXPECT_TRUE(fleet->OffersFor(Host().Id()).empty()) << "nothing twice on one line";
}

TEST_F(Revocations, OfferedAgainOnANewLineUntilTheBundleIsThere) {
  const auto request = Active();
  ASSERT_TRUE(ReturnAs("dev1", request.id));
  Connect(Host());
  EXPECT_EQ(fleet->OffersFor(Host().Id()).size(), 2U);
  Connect(Host());
  EXPECT_EQ(fleet->OffersFor(Host().Id()).size(), 2U) << "the first line may have died with them";
  Accept(Host());
  Connect(Host());
  EXPECT_TRUE(fleet->OffersFor(Host().Id()).empty());
}

TEST_F(Revocations, NoneIsOfferedForAnEndThatIsProved) {
  const auto request = Active();
  ASSERT_TRUE(ReturnAs("dev1", request.id));
  Host().SayReceipt(Only(request.id).id, now, "returned");
  ASSERT_EQ(HandIn(Host()), "ok");
  Connect(Host());
  EXPECT_EQ(fleet->OffersFor(Host().Id()).size(), 1U);
}

TEST_F(Revocations, SoManyAtOnceThatAHostCanStillTakeTheBundle) {
  settings.live_requests = 100;
  Restart();
  for (int i = 0; i < 70; ++i) {
    const auto request = Approved({"host1"});
    ASSERT_TRUE(ReturnAs("dev1", request.id));
  }
  AgentFacts facts;
  facts.roles_version = 1;
  fleet->Connected(Host().Id(), facts);
  const auto offers = fleet->OffersFor(Host().Id());
  EXPECT_LT(offers.size(), 64U);
  ASSERT_EQ(Host().Take(offers.back(), Roles(), now), "ok");
  EXPECT_EQ(Host().InForce().ended.size(), 70U) << "the bundle has them all";
}

TEST_F(Revocations, WorthNothingElsewhere) {
  TestHost& other = Enrol("host2");
  const auto request = Active();
  ASSERT_TRUE(ReturnAs("dev1", request.id));
  std::string sealed = store->RevocationOf(Only(request.id).id);
  EXPECT_EQ(other.TakeRevocation(sealed, Roles()), "other-host");
  EXPECT_NE(Host().Take(sealed, Roles(), now), "ok");
  sealed.back() = static_cast<char>(sealed.back() ^ 1);
  EXPECT_EQ(Host().TakeRevocation(sealed, Roles()), "bad-signature");
}

}  // namespace
}  // namespace curfew::test
