// SPDX-License-Identifier: Apache-2.0
// What people may do with requests, and what follows in the log, the bundles and the messages.
#include "tests/controller/workflow/office.h"

namespace curfew::test {
namespace {

class Requests : public Office {
 protected:
  Requests() {
    Enrol("host1");
    Enrol("host2");
  }
  template <class Act>
  Outcome<RequestRecord> Do(Act act) {
    return workflow->Run(now, act);
  }
  Outcome<RequestRecord> DenyAs(const std::string& who, const RequestId& id) {
    return Do([&](Change& change) { return DenyRequest(change, Who(who), id, "not now"); });
  }
  Outcome<RequestRecord> WithdrawAs(const std::string& who, const RequestId& id) {
    return Do([&](Change& change) { return Withdraw(change, Who(who), id); });
  }
  Outcome<RequestRecord> RevokeAs(const std::string& who, const RequestId& id) {
    return Do([&](Change& change) { return Revoke(change, Who(who), id, "enough"); });
  }
};

std::vector<std::string> States(const RequestRecord& request) {
  std::vector<std::string> states;
  for (const auto& entry : request.history) states.emplace_back(Word(entry.state));
  return states;
}

TEST_F(Requests, WaitsForItsApprover) {
  const auto request = MustAsk("dev1", {"host1", "host2"});
  EXPECT_EQ(request.state, RequestState::kPending);
  EXPECT_EQ(request.policy, "web-root");
  EXPECT_TRUE(Grants(request.id).empty());
  const auto approved = ApproveAs("lead1", request.id);
  ASSERT_TRUE(approved) << approved.error().what;
  EXPECT_EQ(States(Shown(request.id)), (std::vector<std::string>{"submitted", "pending", "approved", "provisioning"}));
  const auto grants = Grants(request.id);
  ASSERT_EQ(grants.size(), 2U);
  for (const auto& grant : grants) {
    EXPECT_EQ(grant.state, GrantState::kWaiting);
    EXPECT_EQ(grant.end - grant.start, Seconds{3600});
    EXPECT_LE(grant.start, now);
  }
}

TEST_F(Requests, EachHostGetsItsOwnBundleThatItAccepts) {
  const auto request = Approved({"host1", "host2"});
  for (std::size_t i = 0; i < 2; ++i) {
    const auto grant = Grants(request.id).at(i);
    EXPECT_EQ(hosts[i]->Take(store->BundleOf(hosts[i]->Id()), workflow->Keys().roles, now), "ok");
    EXPECT_TRUE(hosts[i]->HasGrant(grant.id, now));
    ASSERT_EQ(hosts[i]->InForce().grants.size(), 1U);
    EXPECT_EQ(hosts[i]->InForce().managed.size(), 2U);
  }
  EXPECT_EQ(hosts[0]->Take(store->BundleOf(hosts[1]->Id()), workflow->Keys().roles, now).substr(0, 10), "other-host");
}

TEST_F(Requests, AutomaticWhereNobodyIsAsked) {
  Ask ask;
  ask.rule = "look";
  const auto request = MustAsk("dev1", {"host1"}, ask);
  EXPECT_EQ(request.state, RequestState::kProvisioning);
  EXPECT_EQ(States(request), (std::vector<std::string>{"submitted", "approved", "provisioning"}));
  EXPECT_EQ(request.history[1].by, "policy");
}

TEST_F(Requests, NobodyApprovesTheirOwn) {
  // lead1 is both an asker and an approver of this policy.
  const auto account = store->FindPerson(*PersonName::Parse("lead1"));
  ASSERT_TRUE(account);
  const auto request = workflow->LoadPolicy(
      "version: 1\nmanaged: [{hosts: env=lab, accounts: [lead1, dev1, dev2], gate: [sudo]}]\npolicies:\n  - {name: p, who: {groups: [leads]}, "
      "hosts: env=lab, account: self, allow: {sudo: all}, duration: {default: 1h, max: 1h}, approve: [{any: [group:leads]}]}\n",
      "p.yaml", "admin", now);
  ASSERT_TRUE(request) << request.error().Text();
  const auto own = MustAsk("lead1", {"host1"});
  const auto refused = ApproveAs("lead1", own.id);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, Refusal::kOwnRequest);
  EXPECT_EQ(Shown(own.id).state, RequestState::kPending);
  EXPECT_TRUE(ApproveAs("lead2", own.id));
}

TEST_F(Requests, TheWrongPeopleCannotDecideAndAreNotTold) {
  const auto request = MustAsk("dev1", {"host1"});
  for (const char* stranger : {"dev2"}) {
    for (const auto& outcome : {ApproveAs(stranger, request.id), DenyAs(stranger, request.id), WithdrawAs(stranger, request.id),
                                ReturnAs(stranger, request.id), RevokeAs(stranger, request.id)}) {
      ASSERT_FALSE(outcome);
      EXPECT_EQ(outcome.error().kind, Refusal::kNotFound) << "the same answer as for a request that does not exist";
    }
  }
  const auto unknown = ApproveAs("dev2", *RequestId::Parse("r-00000000000000000000"));
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().what.substr(0, 19), "there is no request");
  EXPECT_EQ(ApproveAs("audit1", request.id).error().kind, Refusal::kNotYourRight);
  EXPECT_EQ(ApproveAs("owner1", request.id).error().kind, Refusal::kNotYourRight);
  EXPECT_EQ(WithdrawAs("lead1", request.id).error().kind, Refusal::kNotYourRight);
  EXPECT_EQ(Shown(request.id).state, RequestState::kPending);
  EXPECT_EQ(Shown(request.id).decisions.size(), 0U);
}

TEST_F(Requests, EveryVerbInEveryState) {
  const auto pending = [&] { return MustAsk("dev1", {"host1"}).id; };
  const auto denied = [&] {
    const auto id = pending();
    EXPECT_TRUE(DenyAs("lead1", id));
    return id;
  };
  const auto withdrawn = [&] {
    const auto id = pending();
    EXPECT_TRUE(WithdrawAs("dev1", id));
    return id;
  };
  const auto granted = [&] { return Approved({"host1"}).id; };
  const auto returned = [&] {
    const auto id = granted();
    EXPECT_TRUE(ReturnAs("dev1", id));
    return id;
  };
  using Kind = Refusal;
  EXPECT_EQ(ReturnAs("dev1", pending()).error().kind, Kind::kConflict);
  EXPECT_EQ(RevokeAs("lead1", pending()).error().kind, Kind::kConflict);
  EXPECT_EQ(ApproveAs("lead1", denied()).error().kind, Kind::kAlreadyEnded);
  EXPECT_EQ(DenyAs("lead1", denied()).error().kind, Kind::kAlreadyEnded);
  EXPECT_EQ(WithdrawAs("dev1", denied()).error().kind, Kind::kAlreadyEnded);
  EXPECT_EQ(ApproveAs("lead1", withdrawn()).error().kind, Kind::kAlreadyEnded);
  EXPECT_EQ(ApproveAs("lead2", granted()).error().kind, Kind::kNotPending);
  EXPECT_EQ(WithdrawAs("dev1", granted()).error().kind, Kind::kNotPending);
  EXPECT_EQ(ReturnAs("lead1", granted()).error().kind, Kind::kNotYourRight);
  EXPECT_EQ(RevokeAs("dev1", granted()).error().kind, Kind::kNotYourRight);
  EXPECT_EQ(RevokeAs("lead1", returned()).error().kind, Kind::kAlreadyEnded);
  EXPECT_EQ(ReturnAs("dev1", returned()).error().kind, Kind::kAlreadyEnded);
  EXPECT_TRUE(RevokeAs("lead2", granted()));
  EXPECT_TRUE(RevokeAs("owner1", granted()));
}

TEST_F(Requests, AnApproverMayShortenOnly) {
  const auto request = MustAsk("dev1", {"host1"});
  EXPECT_EQ(ApproveAs("lead1", request.id, Seconds{3601}).error().kind, Refusal::kUnusable);
  EXPECT_EQ(ApproveAs("lead1", request.id, Seconds{0}).error().kind, Refusal::kUnusable);
  ASSERT_TRUE(ApproveAs("lead1", request.id, Seconds{60}));
  EXPECT_EQ(Only(request.id).end - Only(request.id).start, Seconds{60});
  EXPECT_EQ(Shown(request.id).duration, Seconds{60});
}

TEST_F(Requests, DenyingTellsTheRequester) {
  const auto request = MustAsk("dev1", {"host1"});
  ASSERT_TRUE(DenyAs("lead1", request.id));
  EXPECT_EQ(Shown(request.id).state, RequestState::kDenied);
  const auto notices = store->NoticesOf(*PersonName::Parse("dev1"));
  ASSERT_EQ(notices.size(), 1U);
  EXPECT_NE(notices[0].text.find("not now"), std::string::npos);
}

TEST_F(Requests, RefusedBeforeAnythingIsStored) {
  const auto events = Log().size();
  const auto is = [&](const Outcome<RequestRecord>& outcome, Refusal kind) {
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().kind, kind) << outcome.error().what;
  };
  is(AskFor("dev1", {"host9"}), Refusal::kNotFound);
  is(AskFor("audit1", {"host1"}), Refusal::kDeniedByPolicy);
  Ask shell;
  shell.rule = "look";
  shell.sudo = std::vector<Command>{*Command::Parse({"/bin/sh"})};
  is(AskFor("dev1", {"host1"}, shell), Refusal::kDeniedByPolicy);
  Ask as;
  as.account = *AccountName::Parse("dev2");
  is(AskFor("dev1", {"host1"}, as), Refusal::kDeniedByPolicy);
  Ask named;
  named.rule = "nothing";
  is(AskFor("dev1", {"host1"}, named), Refusal::kNotFound);
  is(AskFor("lead1", {"host1"}), Refusal::kUnusable);  // lead1 is no managed account there
  EXPECT_EQ(Log().size(), events);
  EXPECT_TRUE(store->Requests({}).empty());
}

TEST_F(Requests, LoginNeedsAKeyOfOnesOwn) {
  Ask look;
  look.rule = "look";
  const auto request = MustAsk("dev1", {"host1"}, look);
  ASSERT_EQ(request.keys.size(), 1U);
  EXPECT_EQ(request.keys[0], store->KeysOf(*PersonName::Parse("dev1"))[0].key);
  ASSERT_TRUE(store->DropKey(*PersonName::Parse("dev2"), "k-dev2"));
  EXPECT_EQ(AskFor("dev2", {"host1"}, look).error().kind, Refusal::kUnusable);
  Submission foreign{std::vector<HostName>{*HostName::Parse("host1")}, look, "x", "", store->KeysOf(*PersonName::Parse("lead1"))[0].key};
  const auto refused = workflow->Run(now, [&](Change& change) { return Submit(change, Who("dev1"), foreign); });
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, Refusal::kUnusable);
}

TEST_F(Requests, ByExpression) {
  Enrol("db1", {"env=lab", "role=db"});
  const auto by = [&](const char* expression) {
    const Submission submission{*HostExpression::Parse(expression), {}, "x", "", {}};
    return workflow->Run(now, [&](Change& change) { return Submit(change, Who("dev1"), submission); });
  };
  const auto web = by("role=web");
  ASSERT_TRUE(web);
  EXPECT_EQ(web->host_names.size(), 2U);
  EXPECT_EQ(by("role=mail").error().kind, Refusal::kNotFound);
}

TEST_F(Requests, NobodyDecidesAfterItsTimeAlsoWhenNoTurnHasNotedIt) {
  const auto request = MustAsk("dev1", {"host1"});
  now = *Shown(request.id).due;
  for (const auto& outcome : {ApproveAs("lead1", request.id), DenyAs("lead1", request.id)}) {
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().kind, Refusal::kAlreadyEnded);
  }
  EXPECT_TRUE(Grants(request.id).empty());
  Pass(Millis{0});
  EXPECT_EQ(Shown(request.id).state, RequestState::kLapsed);
}

TEST_F(Requests, LapseWhenNobodyDecides) {
  const auto request = MustAsk("dev1", {"host1"});
  Pass(Seconds{86400} - Millis{1});
  EXPECT_EQ(Shown(request.id).state, RequestState::kPending);
  Pass(Millis{1});
  EXPECT_EQ(Shown(request.id).state, RequestState::kLapsed);
  EXPECT_EQ(ApproveAs("lead1", request.id).error().kind, Refusal::kAlreadyEnded);
  EXPECT_EQ(store->NoticesOf(*PersonName::Parse("dev1")).size(), 1U);
}

TEST_F(Requests, SomebodyWhoLeavesKeepsNothing) {
  const auto waiting = MustAsk("dev1", {"host1"});
  const auto granted = Approved({"host1"});
  const auto other = MustAsk("dev2", {"host1"});
  ASSERT_TRUE(ApproveAs("lead1", other.id));
  const auto done = Do([&](Change& change) -> Outcome<RequestRecord> {
    EndEverythingOf(change, *PersonName::Parse("dev1"), "admin");
    return *change.Keep().FindRequest(granted.id);
  });
  ASSERT_TRUE(done);
  EXPECT_EQ(Shown(waiting.id).state, RequestState::kWithdrawn);
  EXPECT_EQ(Shown(granted.id).state, RequestState::kRevoking);
  EXPECT_EQ(Shown(other.id).state, RequestState::kProvisioning);
  Accept(*hosts[0]);
  EXPECT_FALSE(hosts[0]->HasGrant(Only(granted.id).id, now));
  EXPECT_TRUE(hosts[0]->HasGrant(Only(other.id).id, now));
}

TEST_F(Requests, WhatChangedWhilePeopleDecided) {
  const auto first = MustAsk("dev1", {"host1", "host2"});
  ASSERT_TRUE(Remove("host2"));
  ASSERT_TRUE(ApproveAs("lead1", first.id));
  EXPECT_EQ(Shown(first.id).state, RequestState::kProvisioning);
  EXPECT_EQ(Grants(first.id)[1].state, GrantState::kFailed);
  EXPECT_EQ(Shown(first.id).failure, "host host2 was removed");
  const auto second = MustAsk("dev1", {"host1"});
  ASSERT_TRUE(workflow->LoadPolicy("version: 1\nmanaged: [{hosts: env=lab, accounts: [dev2], gate: [sudo]}]\npolicies: []\n", "p.yaml", "admin", now));
  ASSERT_TRUE(ApproveAs("lead1", second.id));
  EXPECT_EQ(Shown(second.id).state, RequestState::kFailed);
  Accept(*hosts[0]);
  EXPECT_FALSE(hosts[0]->HasGrant(Only(second.id).id, now));
}

TEST_F(Requests, AHundredWaitingAreEnough) {
  for (int i = 0; i < 100; ++i) static_cast<void>(MustAsk("dev1", {"host1"}));
  const auto refused = AskFor("dev1", {"host1"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, Refusal::kUnusable);
  EXPECT_TRUE(AskFor("dev2", {"host1"}));
}

TEST_F(Requests, EachTransitionIsOneEventAndTheChainHolds) {
  const auto request = Approved({"host1"});
  std::vector<std::string> kinds;
  ContentHash head;
  std::uint64_t seq = 0;
  for (const auto& event : Log()) {
    EXPECT_EQ(event.seq, ++seq);
    EXPECT_EQ(event.previous, head);
    head = event.hash;
    if (event.request == request.id.Text()) kinds.push_back(event.kind);
  }
  EXPECT_EQ(kinds, (std::vector<std::string>{"request-submitted", "request-pending", "request-approved", "request-provisioning"}));
}

TEST_F(Requests, OnlyHostsThatChangeArePushed) {
  pushed.clear();
  const auto request = MustAsk("dev1", {"host1"});
  EXPECT_TRUE(pushed.empty());
  ASSERT_TRUE(ApproveAs("lead1", request.id));
  EXPECT_EQ(pushed, std::vector<HostId>{hosts[0]->Id()});
  pushed.clear();
  EXPECT_FALSE(ApproveAs("lead1", request.id));
  EXPECT_TRUE(pushed.empty());
}

}  // namespace
}  // namespace curfew::test
