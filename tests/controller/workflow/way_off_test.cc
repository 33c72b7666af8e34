// SPDX-License-Identifier: Apache-2.0
// Hosts whose clock is far from ours, or that were away for longer than a grant lasts.
#include "tests/controller/workflow/office.h"

namespace curfew::test {
namespace {

class WayOff : public Office {
 protected:
  WayOff() { Enrol("host1"); }
  TestHost& Host() { return *hosts.at(0); }
};

// Proved, and yet over before its time: a host whose state was lost since, or whose clock is right again, has it no more.
TEST_F(WayOff, EndedByAClockThatIsFarAheadIsNotGivenAgain) {
  const auto request = Approved({"host1"});
  Activate(Host(), Only(request.id).id);
  now += Seconds{60};
  Host().SayReceipt(Only(request.id).id, Only(request.id).end, "expired");
  ASSERT_EQ(HandIn(Host()), "ok");
  EXPECT_EQ(Only(request.id).proof, Proof::kProved);
  EXPECT_LE(Only(request.id).ended, now) << "it is over, whatever that clock says";
  for (int bundle = 0; bundle < 2; ++bundle) {
    ASSERT_EQ(Host().Take(store->BundleOf(Host().Id()), workflow->Keys().roles, now), "ok");
    EXPECT_FALSE(Host().HasGrant(Only(request.id).id, now)) << bundle;
    const auto other = MustAsk("dev2", {"host1"});
    ASSERT_TRUE(ApproveAs("lead1", other.id));
  }
  EXPECT_EQ(Host().TakeRevocation(store->RevocationOf(Only(request.id).id), workflow->Keys().roles), "ok");
}

// Down overnight, or over a long weekend: it learns of the end when the grant's own time is over.
TEST_F(WayOff, TakenBackBeforeAHostThatWasLongAwayBegan) {
  for (const Seconds away : {Seconds{10 * 3600}, Seconds{4 * 86400}}) {
    const auto returned = Approved({"host1"});
    const auto failed = Approved({"host1"});
    ASSERT_TRUE(ReturnAs("dev1", returned.id));
    RunUntil(now + away);
    ASSERT_EQ(Only(returned.id).proof, Proof::kUnconfirmed);
    ASSERT_EQ(Only(failed.id).proof, Proof::kUnconfirmed);
    Accept(Host());
    EXPECT_EQ(Shown(returned.id).state, RequestState::kRevoked);
    EXPECT_EQ(Only(returned.id).proof, Proof::kNone);
    EXPECT_EQ(Only(failed.id).proof, Proof::kNone);
    EXPECT_EQ(store->CountUnconfirmed(), 0);
  }
}

}  // namespace
}  // namespace curfew::test
