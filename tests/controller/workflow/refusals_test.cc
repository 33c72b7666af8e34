// SPDX-License-Identifier: Apache-2.0
// What cannot be done is a refusal that says so, or an alarm: never a failure of the store, which would be tried again for ever.
#include "tests/controller/workflow/office.h"

namespace curfew::test {
namespace {

class Refusals : public Office {
 protected:
  Refusals() { Enrol("host1"); }
  TestHost& Host() { return *hosts.at(0); }
};

// A key on an account whose logins are not gated is never read; sudo that is not gated is in no book and ended by nobody.
TEST_F(Refusals, WhatTheGateOfTheAccountDoesNotGuardIsNotGiven) {
  const auto load = [&](const std::string& gate, const std::string& allow) {
    const auto loaded = workflow->LoadPolicy("version: 1\nmanaged: [{hosts: env=lab, accounts: [dev1], gate: [" + gate +
                                                 "]}]\npolicies:\n  - {name: p, who: {groups: [developers]}, hosts: env=lab, account: self, allow: {" +
                                                 allow + "}, duration: {default: 1h, max: 1h}, approve: [{any: [group:leads]}]}\n",
                                             "p.yaml", "admin", now);
    ASSERT_TRUE(loaded) << loaded.error().Text();
  };
  const auto refuses = [&](const std::string& what) {
    const auto asked = AskFor("dev1", {"host1"});
    ASSERT_FALSE(asked);
    EXPECT_EQ(asked.error().kind, Refusal::kUnusable);
    EXPECT_EQ(asked.error().what, "account dev1 is not gated for " + what + " on host1");
    EXPECT_FALSE(asked.error().hint.empty());
  };
  load("sudo", "login: yes");
  refuses("login");
  load("login", "login: yes, sudo: all");
  refuses("sudo");
  load("login, sudo", "login: yes, sudo: all");
  const auto request = MustAsk("dev1", {"host1"});
  load("sudo", "login: yes, sudo: all");
  ASSERT_TRUE(ApproveAs("lead1", request.id));
  EXPECT_EQ(Shown(request.id).failure, "account dev1 is not gated for login on host1") << "asked again at the moment of giving";
}

// Only a fault of ours leaves a request where its grants cannot be: the host's batch is kept all the same, once.
TEST_F(Refusals, AMoveThatTheTableDoesNotKnowIsAnAlarmAndTheBatchIsKept) {
  const auto request = Approved({"host1"});
  Accept(Host());
  auto odd = Shown(request.id);
  odd.state = RequestState::kDenied;
  store->UpdateRequest(odd);
  Host().Say(EventKind::kGrantActive, now, Only(request.id).id.Text());
  EXPECT_EQ(HandIn(Host()), "ok");
  EXPECT_EQ(store->FindHost(Host().Id())->seq, Host().Said().size());
  EXPECT_EQ(Only(request.id).state, GrantState::kActive);
  EXPECT_EQ(Shown(request.id).state, RequestState::kDenied);
  const auto alarms = Log(Severity::kAlarm);
  ASSERT_EQ(alarms.size(), 1U);
  EXPECT_EQ(alarms[0].kind, "unknown-outcome");
  EXPECT_EQ(alarms[0].request, request.id.Text());
  EXPECT_NE(alarms[0].detail.find("denied"), std::string::npos);
}

// As many commands as a request may name fill a bundle after some hundred grants.
TEST_F(Refusals, AHostThatIsFullRefusesWhoAsksAndStillTakesEndsAway) {
  Ask ask;
  std::string commands;
  std::vector<Command> listed;
  const std::string filler(200, 'x');
  for (int i = 0; i < 200; ++i) {
    const std::string path = "/usr/bin/c" + std::to_string(i) + filler;
    commands += (commands.empty() ? "" : ", ") + std::string("[") + path + "]";
    listed.push_back(*Command::Parse({path}));
  }
  settings.live_requests = 200;
  Restart();
  const auto loaded = workflow->LoadPolicy(
      "version: 1\nmanaged: [{hosts: env=lab, accounts: [dev1, dev2], gate: [sudo]}]\npolicies:\n  - {name: many, who: {groups: [developers]}, "
      "hosts: env=lab, account: self, allow: {sudo: [" + commands + "]}, duration: {default: 1h, max: 1h}, approve: []}\n",
      "p.yaml", "admin", now);
  ASSERT_TRUE(loaded) << loaded.error().Text();
  std::optional<RequestRecord> last;
  Outcome<RequestRecord> asked = AskFor("dev1", {"host1"});
  for (int i = 0; i < 200 && asked; ++i) {
    last = *asked;
    asked = AskFor("dev1", {"host1"});
  }
  ASSERT_FALSE(asked) << "3 MiB are not full after two hundred";
  EXPECT_EQ(asked.error().kind, Refusal::kUnusable);
  EXPECT_NE(asked.error().what.find("host1 has as many grants"), std::string::npos);
  EXPECT_FALSE(asked.error().hint.empty());
  const auto version = store->FindHost(Host().Id())->version;
  ASSERT_TRUE(ReturnAs("dev1", last->id));
  EXPECT_EQ(store->FindHost(Host().Id())->version, version + 1);
}

}  // namespace
}  // namespace curfew::test
