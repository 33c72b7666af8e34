// SPDX-License-Identifier: Apache-2.0
// Grants from the first bundle to the last proof, with the host there, gone, and back.
#include "tests/controller/workflow/office.h"

namespace curfew::test {
namespace {

class GrantLife : public Office {
 protected:
  GrantLife() { Enrol("host1"); }
  TestHost& Host() { return *hosts.at(0); }
  RequestState State(const RequestRecord& request) const { return Shown(request.id).state; }
  void ReturnIt(const RequestRecord& request) {
    const auto done = ReturnAs("dev1", request.id);
    ASSERT_TRUE(done) << done.error().what;
  }
  void RevokeIt(const RequestRecord& request) {
    const auto done = workflow->Run(now, [&](Change& change) { return Revoke(change, Who("lead1"), request.id, "enough"); });
    ASSERT_TRUE(done) << done.error().what;
  }
  Instant AtLatest(const RequestRecord& request) const { return Only(request.id).end + Seconds{30}; }
};

TEST_F(GrantLife, ActiveWhenTheHostSaysSoAndNotBefore) {
  const auto request = Approved({"host1"});
  Accept(Host());
  EXPECT_EQ(State(request), RequestState::kProvisioning) << "a bundle that was accepted is not yet access";
  Host().Say(EventKind::kGrantIntent, now, Only(request.id).id.Text());
  ASSERT_EQ(HandIn(Host()), "ok");
  EXPECT_EQ(State(request), RequestState::kProvisioning);
  Host().Say(EventKind::kGrantActive, now, Only(request.id).id.Text());
  ASSERT_EQ(HandIn(Host()), "ok");
  EXPECT_EQ(State(request), RequestState::kActive);
  EXPECT_EQ(Only(request.id).state, GrantState::kActive);
}

TEST_F(GrantLife, ExpiresAndIsProvedByItsReceipt) {
  const auto request = Approved({"host1"});
  Activate(Host(), Only(request.id).id);
  RunUntil(Only(request.id).end);
  auto grant = Only(request.id);
  EXPECT_EQ(State(request), RequestState::kRevoking);
  EXPECT_EQ(grant.state, GrantState::kEnded);
  EXPECT_EQ(grant.cause, "expired");
  EXPECT_EQ(grant.proof, Proof::kUnconfirmed);
  EXPECT_EQ(grant.unconfirmed_until, AtLatest(request));
  now += Millis{8};
  Host().SayReceipt(grant.id, grant.end + Millis{3}, "expired");
  ASSERT_EQ(HandIn(Host()), "ok");
  grant = Only(request.id);
  EXPECT_EQ(State(request), RequestState::kRevoked);
  EXPECT_EQ(grant.proof, Proof::kProved);
  EXPECT_EQ(grant.ended, grant.end + Millis{3});
  EXPECT_EQ(grant.proved, grant.end + Millis{8});
  EXPECT_FALSE(grant.unconfirmed_until);
  EXPECT_FALSE(grant.due);
  EXPECT_TRUE(Log(Severity::kAlarm).empty());
}

// The receipt of a host whose clock is ahead comes before the controller's own end.
TEST_F(GrantLife, ReceiptBeforeOurOwnClock) {
  const auto request = Approved({"host1"});
  Activate(Host(), Only(request.id).id);
  now = Only(request.id).end - Millis{400};
  Host().SayReceipt(Only(request.id).id, Only(request.id).end, "expired");
  ASSERT_EQ(HandIn(Host()), "ok");
  EXPECT_EQ(State(request), RequestState::kRevoked);
  RunUntil(now + Seconds{60});
  EXPECT_EQ(State(request), RequestState::kRevoked);
}

TEST_F(GrantLife, ReturnedIsUnconfirmedUntilTheReceipt) {
  const auto request = Approved({"host1"});
  Activate(Host(), Only(request.id).id);
  now += Seconds{10};
  ReturnIt(request);
  EXPECT_EQ(State(request), RequestState::kRevoking);
  EXPECT_EQ(Only(request.id).proof, Proof::kUnconfirmed);
  EXPECT_EQ(Only(request.id).unconfirmed_until, AtLatest(request));
  EXPECT_EQ(Only(request.id).cause, "returned");
  Accept(Host());
  EXPECT_FALSE(Host().HasGrant(Only(request.id).id, now));
  EXPECT_EQ(State(request), RequestState::kRevoking) << "taking the bundle is not yet proof";
  Host().SayReceipt(Only(request.id).id, now, "returned");
  ASSERT_EQ(HandIn(Host()), "ok");
  EXPECT_EQ(State(request), RequestState::kRevoked);
}

TEST_F(GrantLife, RevokedOnAHostThatIsCutOff) {
  const auto request = Approved({"host1"});
  Activate(Host(), Only(request.id).id);
  RevokeIt(request);
  RunUntil(now + Seconds{29});
  EXPECT_TRUE(Log(Severity::kAlarm).empty());
  RunUntil(now + Seconds{1});
  const auto alarms = Log(Severity::kAlarm);
  ASSERT_EQ(alarms.size(), 1U);
  EXPECT_EQ(alarms[0].kind, "unknown-outcome");
  EXPECT_NE(alarms[0].detail.find(Rfc3339(AtLatest(request))), std::string::npos);
  RunUntil(now + Seconds{86400});
  EXPECT_EQ(Log(Severity::kAlarm).size(), 1U) << "said once";
  EXPECT_EQ(State(request), RequestState::kRevoking);
  EXPECT_EQ(Only(request.id).proof, Proof::kUnconfirmed);
  // It comes back the next day.
  Host().SayReceipt(Only(request.id).id, Only(request.id).end, "expired");
  ASSERT_EQ(HandIn(Host()), "ok");
  EXPECT_EQ(State(request), RequestState::kRevoked);
  EXPECT_EQ(Only(request.id).proof, Proof::kProved);
}

TEST_F(GrantLife, TakenBackBeforeTheHostBegan) {
  const auto request = Approved({"host1"});
  ReturnIt(request);
  EXPECT_EQ(State(request), RequestState::kRevoking);
  Accept(Host());
  EXPECT_FALSE(Host().HasGrant(Only(request.id).id, now));
  EXPECT_EQ(State(request), RequestState::kRevoked);
  EXPECT_EQ(Only(request.id).proof, Proof::kNone);
}

// The same, but the host had begun to give it: only its receipt counts.
TEST_F(GrantLife, TakenBackAfterTheIntent) {
  const auto request = Approved({"host1"});
  Accept(Host());
  Host().Say(EventKind::kGrantIntent, now, Only(request.id).id.Text());
  ASSERT_EQ(HandIn(Host()), "ok");
  ReturnIt(request);
  Accept(Host());
  EXPECT_EQ(State(request), RequestState::kRevoking);
  EXPECT_EQ(Only(request.id).proof, Proof::kUnconfirmed);
}

TEST_F(GrantLife, FailsWhenTheHostDoesNotAcknowledge) {
  const auto request = Approved({"host1"});
  RunUntil(now + Seconds{119});
  EXPECT_EQ(State(request), RequestState::kProvisioning);
  RunUntil(now + Seconds{1});
  EXPECT_EQ(State(request), RequestState::kFailed);
  EXPECT_EQ(Only(request.id).state, GrantState::kFailed);
  EXPECT_EQ(Only(request.id).proof, Proof::kUnconfirmed) << "the bundle may have been carried there";
  EXPECT_NE(Shown(request.id).failure.find("did not acknowledge"), std::string::npos);
  EXPECT_EQ(store->NoticesOf(*PersonName::Parse("dev1")).size(), 1U);
  // Signed at once: whoever takes what is newest never has it, though its time is not over.
  ASSERT_LT(now, Only(request.id).end);
  Accept(Host());
  EXPECT_FALSE(Host().HasGrant(Only(request.id).id, now));
  ASSERT_EQ(Host().InForce().ended.size(), 1U);
  EXPECT_EQ(Host().InForce().ended[0].cause, "failed");
  EXPECT_EQ(Only(request.id).proof, Proof::kNone);
  EXPECT_EQ(State(request), RequestState::kFailed);
}

// A host that only seemed dead: it took the grant, its acknowledgement got lost. The tombstone still wins.
TEST_F(GrantLife, LateActivationDoesNotReviveAFailedGrant) {
  const auto request = Approved({"host1"});
  ASSERT_EQ(Host().Take(store->BundleOf(Host().Id()), workflow->Keys().roles, now), "ok");
  Host().Say(EventKind::kBundleAccepted, now, "", Host().InForce().version);
  Host().Say(EventKind::kGrantIntent, now, Only(request.id).id.Text());
  Host().Say(EventKind::kGrantActive, now, Only(request.id).id.Text());
  RunUntil(now + Seconds{120});
  ASSERT_EQ(State(request), RequestState::kFailed);
  ASSERT_EQ(HandIn(Host()), "ok");
  EXPECT_EQ(State(request), RequestState::kFailed);
  EXPECT_EQ(Only(request.id).proof, Proof::kUnconfirmed);
  Accept(Host());
  EXPECT_FALSE(Host().HasGrant(Only(request.id).id, now));
  EXPECT_EQ(Only(request.id).proof, Proof::kUnconfirmed) << "it was active there: a receipt is owed";
  Host().SayReceipt(Only(request.id).id, now, "failed");
  ASSERT_EQ(HandIn(Host()), "ok");
  EXPECT_EQ(Only(request.id).proof, Proof::kProved);
}

TEST_F(GrantLife, FailsWithTheHostsOwnReason) {
  const auto request = Approved({"host1"});
  Accept(Host());
  Host().Say(EventKind::kGrantIntent, now, Only(request.id).id.Text());
  Host().Say(EventKind::kGrantFailed, now, Only(request.id).id.Text()).detail = "visudo refused it";
  ASSERT_EQ(HandIn(Host()), "ok");
  EXPECT_EQ(State(request), RequestState::kFailed);
  EXPECT_NE(Shown(request.id).failure.find("visudo refused it"), std::string::npos);
  EXPECT_EQ(Only(request.id).proof, Proof::kUnconfirmed) << "until the tombstone is there it may try again";
  Accept(Host());
  EXPECT_EQ(Only(request.id).proof, Proof::kNone);
}

TEST_F(GrantLife, AFailureWhileActiveIsAnEnd) {
  const auto request = Approved({"host1"});
  Activate(Host(), Only(request.id).id);
  Host().Say(EventKind::kGrantFailed, now, Only(request.id).id.Text()).detail = "the file cannot be kept";
  ASSERT_EQ(HandIn(Host()), "ok");
  EXPECT_EQ(State(request), RequestState::kRevoking);
  EXPECT_EQ(Only(request.id).cause, "failed");
}

TEST_F(GrantLife, SeveralHostsEachForItself) {
  TestHost& second = Enrol("host2");
  const auto request = Approved({"host1", "host2"});
  const auto grants = Grants(request.id);
  Activate(Host(), grants[0].id);
  EXPECT_EQ(State(request), RequestState::kActive) << "active when the first is";
  RunUntil(now + Seconds{120});
  EXPECT_EQ(Grants(request.id)[1].state, GrantState::kFailed);
  EXPECT_EQ(State(request), RequestState::kActive);
  ReturnIt(request);
  Accept(Host());
  Host().SayReceipt(grants[0].id, now, "returned");
  ASSERT_EQ(HandIn(Host()), "ok");
  EXPECT_EQ(State(request), RequestState::kRevoked);
  Accept(second);
  EXPECT_FALSE(second.HasGrant(grants[1].id, now));
}

TEST_F(GrantLife, EndingOneLeavesTheOthersOverlappingGrant) {
  const auto first = Approved({"host1"});
  const auto other = MustAsk("dev2", {"host1"});
  ASSERT_TRUE(ApproveAs("lead1", other.id));
  Activate(Host(), Only(first.id).id);
  Activate(Host(), Only(other.id).id);
  ReturnIt(first);
  Accept(Host());
  EXPECT_FALSE(Host().HasGrant(Only(first.id).id, now));
  EXPECT_TRUE(Host().HasGrant(Only(other.id).id, now));
  EXPECT_EQ(State(other), RequestState::kActive);
}

TEST_F(GrantLife, SurvivorsAreShownAndLeaveTheStateAlone) {
  const auto request = Approved({"host1"});
  Activate(Host(), Only(request.id).id);
  ReturnIt(request);
  Accept(Host());
  Host().SayReceipt(Only(request.id).id, now, "returned", true, {{4242, 1001, "sleep 1000", "user@1001.service"}});
  ASSERT_EQ(HandIn(Host()), "ok");
  EXPECT_EQ(State(request), RequestState::kRevoked);
  ASSERT_EQ(Only(request.id).survivors.size(), 1U);
  EXPECT_EQ(Only(request.id).survivors[0].pid, 4242);
}

TEST_F(GrantLife, AReceiptThatFoundTheRuleProvesNothing) {
  const auto request = Approved({"host1"});
  Activate(Host(), Only(request.id).id);
  ReturnIt(request);
  Accept(Host());
  Host().SayReceipt(Only(request.id).id, now, "returned", false);
  ASSERT_EQ(HandIn(Host()), "ok");
  EXPECT_EQ(State(request), RequestState::kRevoking);
  EXPECT_EQ(Only(request.id).proof, Proof::kUnconfirmed);
}

// revoke-all on the host itself: nobody here asked for it, and the next bundle must not bring it back.
TEST_F(GrantLife, EndedByTheHostIsNotRevived) {
  const auto request = Approved({"host1"});
  Activate(Host(), Only(request.id).id);
  Host().SayReceipt(Only(request.id).id, now, "revoked");
  ASSERT_EQ(HandIn(Host()), "ok");
  EXPECT_EQ(State(request), RequestState::kRevoked);
  Accept(Host());
  EXPECT_FALSE(Host().HasGrant(Only(request.id).id, now));
  EXPECT_EQ(Host().InForce().ended.size(), 1U);
}

TEST_F(GrantLife, TombstonesStayUntilPastTheEndAndThenGo) {
  const auto request = Approved({"host1"});
  Activate(Host(), Only(request.id).id);
  ReturnIt(request);
  Accept(Host());
  ASSERT_EQ(Host().InForce().ended.size(), 1U);
  EXPECT_GT(Host().InForce().ended[0].until, Only(request.id).end);
  Host().SayReceipt(Only(request.id).id, now, "returned");
  ASSERT_EQ(HandIn(Host()), "ok");
  now = Only(request.id).end + Seconds{2 * 86400};
  const auto other = MustAsk("dev2", {"host1"});
  ASSERT_TRUE(ApproveAs("lead1", other.id));
  Accept(Host());
  EXPECT_TRUE(Host().InForce().ended.empty());
  EXPECT_EQ(Host().InForce().grants.size(), 1U);
}

}  // namespace
}  // namespace curfew::test
