// SPDX-License-Identifier: Apache-2.0
// Between asking and giving, people, keys and rules change: what holds at the moment of giving counts.
#include "controller/workflow/login_keys.h"
#include "tests/controller/workflow/office.h"

namespace curfew::test {
namespace {

class StillGivenOnes : public Office {
 protected:
  StillGivenOnes() { Enrol("host1"); }

  /// The office's rule for login, with these approvers, longest duration and commands.
  void LoadRule(const std::string& approve, const std::string& longest = "4h", const std::string& sudo = "[[/usr/bin/id]]",
                const std::string& who = "{groups: [developers]}") {
    const auto loaded = workflow->LoadPolicy(
        "version: 1\nmanaged: [{hosts: env=lab, accounts: [dev1, dev2], gate: [login, sudo]}]\npolicies:\n  - {name: in, who: " + who +
            ", hosts: env=lab, account: self, allow: {login: yes, sudo: " + sudo + "}, duration: {default: 10m, max: " + longest +
            "}, approve: " + approve + "}\n",
        "p.yaml", "admin", now);
    ASSERT_TRUE(loaded) << loaded.error().Text();
  }
  RequestRecord Pending() {
    LoadRule("[{any: [group:leads]}]");
    Ask ask;
    ask.duration = Seconds{3600};
    return MustAsk("dev1", {"host1"}, ask);
  }
  void MoveTo(const std::string& name, const std::string& group) {
    auto person = *store->FindPerson(*PersonName::Parse(name));
    person.groups = {*PersonName::Parse(group)};
    store->UpdatePerson(person);
  }
  /// Approved by lead1, and nothing came of it.
  void ExpectFailed(const RequestRecord& request, const std::string& why) {
    ASSERT_TRUE(ApproveAs("lead1", request.id));
    EXPECT_EQ(Shown(request.id).state, RequestState::kFailed);
    EXPECT_NE(Shown(request.id).failure.find(why), std::string::npos) << Shown(request.id).failure;
    const auto notices = store->NoticesOf(*PersonName::Parse("dev1"));
    ASSERT_EQ(notices.size(), 1U);
    EXPECT_NE(notices[0].text.find(why), std::string::npos);
    Accept(*hosts[0]);
    EXPECT_TRUE(hosts[0]->InForce().grants.empty());
  }
  Outcome<RemovedKey> Remove(const std::string& id, bool end_grants = false) {
    return workflow->Run(now, [&](Change& change) { return RemoveKey(change, *PersonName::Parse("dev1"), id, end_grants); });
  }
};

TEST_F(StillGivenOnes, AKeyThatWasTakenBackIsNotGiven) {
  const auto request = Pending();
  ASSERT_TRUE(Remove("k-dev1"));
  ExpectFailed(request, "ssh key");
}

TEST_F(StillGivenOnes, TheOtherKeysStay) {
  auto second = store->KeysOf(*PersonName::Parse("lead1")).at(0);
  second.id = "k-second";
  second.fingerprint = "SHA256:second";
  second.person = *PersonName::Parse("dev1");
  store->AddKey(second);
  const auto request = Pending();
  ASSERT_EQ(request.keys.size(), 2U);
  ASSERT_TRUE(Remove("k-dev1"));
  ASSERT_TRUE(ApproveAs("lead1", request.id));
  EXPECT_EQ(Shown(request.id).keys, std::vector<LoginKey>{second.key});
  Accept(*hosts[0]);
  ASSERT_EQ(hosts[0]->InForce().grants.size(), 1U);
  EXPECT_EQ(hosts[0]->InForce().grants[0].login->keys, std::vector<LoginKey>{second.key});
}

TEST_F(StillGivenOnes, AKeyHandedInLaterIsNotAddedToWhatWasApproved) {
  const auto request = Pending();
  auto second = store->KeysOf(*PersonName::Parse("lead1")).at(0);
  second.id = "k-second";
  second.fingerprint = "SHA256:second";
  second.person = *PersonName::Parse("dev1");
  store->AddKey(second);
  ASSERT_TRUE(ApproveAs("lead1", request.id));
  EXPECT_EQ(Shown(request.id).keys, request.keys);
}

TEST_F(StillGivenOnes, LiveGrantsWithTheKeyAreNamed) {
  const auto request = Pending();
  ASSERT_TRUE(ApproveAs("lead1", request.id));
  const auto removed = Remove("k-dev1");
  ASSERT_TRUE(removed);
  EXPECT_EQ(removed->requests, std::vector<RequestId>{request.id});
  EXPECT_FALSE(removed->ended);
  EXPECT_EQ(Shown(request.id).state, RequestState::kProvisioning);
}

TEST_F(StillGivenOnes, LiveGrantsWithTheKeyAreEndedWhenAskedFor) {
  const auto request = Pending();
  ASSERT_TRUE(ApproveAs("lead1", request.id));
  const auto other = MustAsk("dev2", {"host1"});
  ASSERT_TRUE(ApproveAs("lead1", other.id));
  const auto removed = Remove("k-dev1", true);
  ASSERT_TRUE(removed);
  EXPECT_EQ(removed->requests, std::vector<RequestId>{request.id});
  EXPECT_TRUE(removed->ended);
  EXPECT_EQ(Shown(request.id).state, RequestState::kRevoking);
  EXPECT_EQ(Only(request.id).cause, "returned");
  EXPECT_EQ(Shown(other.id).state, RequestState::kProvisioning);
}

TEST_F(StillGivenOnes, APersonTakenOutOfTheGroup) {
  const auto request = Pending();
  MoveTo("dev1", "visitors");
  ExpectFailed(request, "no policy lets you ask for this");
}

TEST_F(StillGivenOnes, APersonWhoWasDisabled) {
  const auto request = Pending();
  auto person = *store->FindPerson(*PersonName::Parse("dev1"));
  person.disabled = true;
  store->UpdatePerson(person);
  ExpectFailed(request, "dev1 is disabled");
}

TEST_F(StillGivenOnes, AStricterRule) {
  const auto longer = Pending();
  LoadRule("[{any: [group:leads]}]", "30m");
  ExpectFailed(longer, "longer than policy in allows");
}

TEST_F(StillGivenOnes, ARuleWithOtherCommands) {
  const auto request = Pending();
  LoadRule("[{any: [group:leads]}]", "4h", "[[/usr/bin/uptime]]");
  ExpectFailed(request, "sudo right");
}

TEST_F(StillGivenOnes, ARuleThatIsGone) {
  const auto request = Pending();
  ASSERT_TRUE(workflow->LoadPolicy("version: 1\nmanaged: [{hosts: env=lab, accounts: [dev1], gate: [login, sudo]}]\npolicies: []\n", "p.yaml", "admin", now));
  ExpectFailed(request, "there is no policy 'in'");
}

TEST_F(StillGivenOnes, MoreApprovalsThanWereGiven) {
  const auto request = Pending();
  LoadRule("[{any: [group:leads]}, {any: [group:owners]}]");
  ExpectFailed(request, "now asks for 1 of group:owners");
}

TEST_F(StillGivenOnes, AnotherApproverBesideIsNoHindrance) {
  const auto request = Pending();
  LoadRule("[{any: [group:leads, group:owners]}]");
  ASSERT_TRUE(ApproveAs("lead1", request.id));
  EXPECT_EQ(Shown(request.id).state, RequestState::kProvisioning);
}

TEST_F(StillGivenOnes, AYesOfSomebodyWhoIsNoApproverAnyMore) {
  LoadRule("[{any: [group:leads]}, {any: [group:leads, group:owners]}]");
  const auto request = MustAsk("dev1", {"host1"});
  ASSERT_TRUE(ApproveAs("lead2", request.id));
  ASSERT_EQ(Shown(request.id).state, RequestState::kPending);
  MoveTo("lead2", "developers");
  ExpectFailed(request, "approvals are not enough");
}

}  // namespace
}  // namespace curfew::test
