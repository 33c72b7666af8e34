// SPDX-License-Identifier: Apache-2.0
// A host that is removed: told of its last ends while it can be reached, then nobody.
#include <algorithm>

#include "tests/controller/workflow/office.h"

namespace curfew::test {
namespace {

class Removal : public Office {
 protected:
  Removal() { Enrol("host1"); }
  TestHost& Host() { return *hosts.at(0); }
  RequestRecord Active() {
    auto request = Approved({"host1"});
    Activate(Host(), Only(request.id).id);
    return request;
  }
};

TEST_F(Removal, HearsOfItsLastEndsAndIsThenLetGo) {
  const auto request = Active();
  fleet->Connected(Host().Id(), {});
  ASSERT_TRUE(Remove("host1"));
  EXPECT_EQ(AskFor("dev1", {"host1"}).error().kind, Refusal::kNotFound);
  EXPECT_TRUE(store->Hosts().empty());
  EXPECT_TRUE(fleet->IsEnrolled(Host().Id())) << "its line stays up";
  EXPECT_TRUE(recalled.empty());
  const auto offers = fleet->OffersFor(Host().Id());
  ASSERT_EQ(offers.size(), 3U);  // roles, revocation, bundle
  ASSERT_EQ(Host().Take(offers[2], workflow->Keys().roles, now), "ok");
  EXPECT_FALSE(Host().HasGrant(Only(request.id).id, now));
  EXPECT_EQ(Only(request.id).proof, Proof::kUnconfirmed);
  Host().Say(EventKind::kBundleAccepted, now, "", Host().InForce().version);
  Host().SayReceipt(Only(request.id).id, now, "condition");
  ASSERT_EQ(HandIn(Host()), "ok");
  EXPECT_EQ(Only(request.id).proof, Proof::kProved);
  EXPECT_EQ(Shown(request.id).state, RequestState::kRevoked);
  RunUntil(now + Seconds{5});
  EXPECT_EQ(recalled, std::vector<HostId>{Host().Id()});
  EXPECT_FALSE(fleet->IsEnrolled(Host().Id()));
  Host().Say(EventKind::kHeartbeat, now);
  EXPECT_EQ(HandIn(Host()), "unknown-key");
}

TEST_F(Removal, WaitsTwoMinutesAtMostForAHostThatIsAway) {
  const auto request = Active();
  ASSERT_TRUE(Remove("host1"));
  RunUntil(now + Seconds{119});
  EXPECT_TRUE(fleet->IsEnrolled(Host().Id()));
  RunUntil(now + Seconds{1});
  EXPECT_FALSE(fleet->IsEnrolled(Host().Id()));
  EXPECT_EQ(Only(request.id).proof, Proof::kUnconfirmed);
  EXPECT_EQ(Only(request.id).unconfirmed_until, Only(request.id).end + Seconds{30});
  EXPECT_EQ(Shown(request.id).state, RequestState::kRevoking);
  EXPECT_EQ(store->NextDue(), Only(request.id).unconfirmed_until);
}

TEST_F(Removal, OfOneThatIsLostNothingIsOwedOnceItCannotLast) {
  const auto request = Active();
  const Instant latest = Only(request.id).end + Seconds{30};
  ASSERT_TRUE(Remove("host1"));
  RunUntil(latest - Millis{1});
  EXPECT_EQ(Only(request.id).proof, Proof::kUnconfirmed);
  Restart();
  RunUntil(latest);
  static_cast<void>(workflow->Turn(now));
  EXPECT_EQ(Only(request.id).proof, Proof::kNone);
  EXPECT_FALSE(Only(request.id).unconfirmed_until);
  EXPECT_EQ(Shown(request.id).state, RequestState::kRevoked);
  EXPECT_EQ(store->CountUnconfirmed(), 0);
  const auto log = Log();
  const auto said = std::find_if(log.begin(), log.end(), [](const EventRecord& event) { return event.outcome == "unproved"; });
  ASSERT_NE(said, log.end()) << "nobody proved it, and the log says so";
  EXPECT_EQ(said->grant, Only(request.id).id.Text());
  EXPECT_FALSE(store->NextDue()) << "nothing is waited for any more";
}

TEST_F(Removal, AlsoOfOneThatWasLostLongBefore) {
  const auto request = Active();
  RunUntil(now + Seconds{3 * 86400});
  ASSERT_EQ(Shown(request.id).state, RequestState::kRevoking);
  ASSERT_TRUE(Remove("host1"));
  RunUntil(now + Seconds{120});
  static_cast<void>(workflow->Turn(now));
  EXPECT_EQ(Shown(request.id).state, RequestState::kRevoked);
  EXPECT_EQ(Only(request.id).proof, Proof::kNone);
}

TEST_F(Removal, AtOnceWhereNothingIsOwed) {
  ASSERT_TRUE(Remove("host1"));
  EXPECT_FALSE(fleet->IsEnrolled(Host().Id()));
}

TEST_F(Removal, GoesOnAfterARestart) {
  static_cast<void>(Active());
  ASSERT_TRUE(Remove("host1"));
  Restart();
  EXPECT_TRUE(fleet->IsEnrolled(Host().Id()));
  RunUntil(now + Seconds{120});
  EXPECT_FALSE(fleet->IsEnrolled(Host().Id()));
}

TEST_F(Removal, AHostThatComesBackMeanwhileIsNotThrownOut) {
  static_cast<void>(Active());
  ASSERT_TRUE(Remove("host1"));
  const auto again = workflow->Run(now, [&](Change& change) -> Outcome<Enrolled> {
    change.Keep().AddToken({"t-again", Sha256("again"), 1, now + Seconds{60}, {{"env", "lab"}}});
    return curfew::Enrol(change, Host().Ask("again", "host1"), SignerFor("second"));
  });
  ASSERT_TRUE(again);
  recalled.clear();  // the line of its former key
  RunUntil(now + Seconds{200});
  EXPECT_TRUE(fleet->IsEnrolled(Host().Id()));
  EXPECT_TRUE(recalled.empty());
  RunUntil(now + Seconds{86400});
  EXPECT_EQ(store->CountUnconfirmed(), 1) << "it is heard, so it owes the proof";
}

TEST_F(Removal, IsOnTheRecord) {
  ASSERT_TRUE(Remove("host1"));
  const auto last = Log().back();
  EXPECT_EQ(last.kind, "enrolled");
  EXPECT_EQ(last.before, "enrolled");
  EXPECT_EQ(last.after, "removed");
  EXPECT_EQ(last.actor, "admin");
  EXPECT_EQ(last.detail, "host host1 " + Host().Id().Hex());
}

}  // namespace
}  // namespace curfew::test
