// SPDX-License-Identifier: Apache-2.0
// A store with a value that today's reader refuses: of an earlier version, or damaged. What does not need it goes on.
#include "controller/workflow/login_keys.h"
#include "tests/controller/workflow/office.h"

namespace curfew::test {
namespace {

class Unreadable : public Office {
 protected:
  Unreadable() { Enrol("host1"); }
  TestHost& Host() { return *hosts.at(0); }
  void Sql(const std::string& sql) {
    auto database = std::move(*Database::Open(folder.File("store.db")));
    const auto done = database.Run(sql);
    ASSERT_TRUE(done) << done.error().Text();
  }
  /// dev1's key as an earlier version took it: a zero too many in front of a number.
  void SpellDev1sKeyAsBefore() {
    const std::string today = store->KeysOf(*PersonName::Parse("dev1")).at(0).key.Text();
    const std::string before = "ssh-rsa AAAAB3NzaC1yc2EAAAAEAAEAAQ==";
    ASSERT_FALSE(LoginKey::Parse(before));
    Sql("UPDATE login_key SET text = '" + before + "' WHERE person = 'dev1'");
    Sql("UPDATE request SET body = replace(body, '" + today + "', '" + before + "')");
    ASSERT_TRUE(store->KeysOf(*PersonName::Parse("dev1")).empty());
  }
  RequestRecord ActiveLook(const std::string& person) {
    Ask ask;
    ask.rule = "look";
    auto request = MustAsk(person, {"host1"}, ask);
    Activate(Host(), Only(request.id).id);
    return request;
  }
  void KeepPolicyOfAnotherVersion() { Sql("INSERT INTO policy(text, at) VALUES('version: 7', 0)"); }
};

TEST_F(Unreadable, AKeyOfBeforeLetsNobodyInAndStopsNobody) {
  const auto old = ActiveLook("dev1");
  const auto other = ActiveLook("dev2");
  SpellDev1sKeyAsBefore();
  Restart();
  EXPECT_EQ(store->Requests({}).size(), 2U);
  const auto approved = Approved({"host1"});
  Accept(Host());
  for (const auto& grant : Host().InForce().grants) {
    if (!grant.login) continue;
    EXPECT_EQ(grant.login->keys.empty(), grant.request == old.id) << grant.principal.Text();
  }
  ASSERT_TRUE(ReturnAs("dev1", old.id)) << "it can be ended";
  ASSERT_TRUE(ReturnAs("dev2", other.id));
  Accept(Host());
  EXPECT_FALSE(Host().HasGrant(Only(old.id).id, now));
}

TEST_F(Unreadable, AKeyOfBeforeCanBeHandedInAnewAndStaysItsPersons) {
  KeyRecord key = store->KeysOf(*PersonName::Parse("dev1")).at(0);
  static_cast<void>(store->ClaimKey(key));
  SpellDev1sKeyAsBefore();
  Sql("UPDATE key_claim SET text = 'ssh-rsa AAAAB3NzaC1yc2EAAAAEAAEAAQ=='");
  key.id = "k-anew";
  ASSERT_TRUE(workflow->Run(now, [&](Change& change) { return AddKey(change, key); }));
  ASSERT_EQ(store->KeysOf(key.person).size(), 1U);
  static_cast<void>(ActiveLook("dev1"));
  ASSERT_TRUE(store->DropKey(key.person, key.id));
  key.person = *PersonName::Parse("dev2");
  EXPECT_EQ(store->ClaimKey(key), *PersonName::Parse("dev1")) << "a grant was made with it";
}

TEST_F(Unreadable, WhatIsDueOfTheOthersIsDone) {
  const auto broken = ActiveLook("dev1");
  const auto sound = ActiveLook("dev2");
  const auto waiting = MustAsk("dev1", {"host1"});
  Sql("UPDATE request SET body = '{}' WHERE id = '" + broken.id.Text() + "'");
  RunUntil(Only(sound.id).end);
  static_cast<void>(workflow->Turn(now));
  EXPECT_EQ(Only(sound.id).state, GrantState::kEnded);
  const auto alarms = Log(Severity::kAlarm);
  ASSERT_EQ(alarms.size(), 1U);
  EXPECT_NE(alarms[0].detail.find(Only(broken.id).id.Text()), std::string::npos) << alarms[0].detail;
  EXPECT_GT(store->NextDue(), now) << "it would be tried in a loop";
  RunUntil(now + Seconds{86400});
  EXPECT_EQ(Shown(waiting.id).state, RequestState::kLapsed);
}

TEST_F(Unreadable, UnderNewCeilingsTheOtherHostsFollow) {
  static_cast<void>(Enrol("host2"));
  const auto broken = ActiveLook("dev1");
  const auto sound = Approved({"host2"});
  Activate(*hosts[1], Only(sound.id).id);
  Sql("UPDATE request SET body = '{}' WHERE id = '" + broken.id.Text() + "'");
  Ceilings ceilings;
  ceilings.full_root = false;
  ceilings.denied_accounts = {*AccountName::Parse("dev2")};
  RestartUnder(ceilings);
  EXPECT_EQ(Only(sound.id).state, GrantState::kEnded);
  EXPECT_EQ(hosts[1]->Take(store->BundleOf(hosts[1]->Id()), workflow->Keys().roles, now), "ok");
}

TEST_F(Unreadable, APolicyOfAnotherVersionBarsWhatItWouldGive) {
  const auto active = Approved({"host1"});
  Activate(Host(), Only(active.id).id);
  const auto pending = MustAsk("dev2", {"host1"});
  KeepPolicyOfAnotherVersion();
  Restart();
  static_cast<void>(workflow->Turn(now));
  static_cast<void>(workflow->Turn(now));
  EXPECT_EQ(Log(Severity::kAlarm).size(), 1U);
  const auto asked = AskFor("dev1", {"host1"});
  ASSERT_FALSE(asked);
  EXPECT_EQ(asked.error().kind, Refusal::kDeniedByPolicy);
  EXPECT_NE(asked.error().what.find("cannot be read"), std::string::npos) << asked.error().what;
  EXPECT_FALSE(ApproveAs("lead1", pending.id));
  EXPECT_EQ(Shown(pending.id).state, RequestState::kPending);
  ASSERT_TRUE(workflow->LoadPolicy("version: 1\nmanaged: []\npolicies: []\n", "p.yaml", "admin", now));
}

TEST_F(Unreadable, APolicyOfAnotherVersionStopsNoEndAndOpensNoGate) {
  const auto active = Approved({"host1"});
  Activate(Host(), Only(active.id).id);
  const auto gates = Host().InForce().managed;
  ASSERT_EQ(gates.size(), 2U);
  KeepPolicyOfAnotherVersion();
  Restart();
  ASSERT_TRUE(ReturnAs("dev1", active.id));
  Accept(Host());
  EXPECT_FALSE(Host().HasGrant(Only(active.id).id, now));
  EXPECT_EQ(Host().InForce().managed, gates);
}

}  // namespace
}  // namespace curfew::test
