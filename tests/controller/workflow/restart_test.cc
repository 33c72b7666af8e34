// SPDX-License-Identifier: Apache-2.0
// A controller that stops anywhere goes on there; a step that fails half-way never happened; two processes share a store.
#include "core/codec.h"
#include "tests/controller/workflow/office.h"

namespace curfew::test {
namespace {

class Restarting : public Office {
 protected:
  Restarting() { Enrol("host1"); }
  TestHost& Host() { return *hosts.at(0); }
};

TEST_F(Restarting, ResumesAtEveryStepOfALife) {
  Restart();
  const auto request = MustAsk("dev1", {"host1"});
  Restart();
  EXPECT_EQ(Shown(request.id).state, RequestState::kPending);
  ASSERT_TRUE(ApproveAs("lead1", request.id));
  Restart();
  EXPECT_LT(store->FindHost(Host().Id())->acked, store->FindHost(Host().Id())->version) << "its bundle still waits to be taken";
  Activate(Host(), Only(request.id).id);
  EXPECT_EQ(store->FindHost(Host().Id())->acked, store->FindHost(Host().Id())->version);
  Restart();
  EXPECT_EQ(Shown(request.id).state, RequestState::kActive);
  // The end comes while nothing runs.
  now = Only(request.id).end + Seconds{300};
  Restart();
  RunUntil(now);
  EXPECT_EQ(Shown(request.id).state, RequestState::kRevoking);
  EXPECT_EQ(Only(request.id).ended, Only(request.id).end);
  Restart();
  Host().SayReceipt(Only(request.id).id, Only(request.id).end, "expired");
  ASSERT_EQ(HandIn(Host()), "ok");
  EXPECT_EQ(Shown(request.id).state, RequestState::kRevoked);
  std::vector<std::string> states;
  for (const auto& entry : Shown(request.id).history) states.emplace_back(Word(entry.state));
  EXPECT_EQ(states, (std::vector<std::string>{"submitted", "pending", "approved", "provisioning", "active", "revoking", "revoked"}));
}

TEST_F(Restarting, BundleVersionsGoOnRising) {
  Accept(Host());
  const auto before = store->FindHost(Host().Id())->version;
  Restart();
  static_cast<void>(Approved({"host1"}));
  EXPECT_EQ(store->FindHost(Host().Id())->version, before + 1);
  // Accept checks that the chain of hashes goes on too.
  EXPECT_EQ(Host().Take(store->BundleOf(Host().Id()), workflow->Keys().roles, now), "ok");
}

TEST_F(Restarting, AStepThatThrowsHalfWayNeverHappened) {
  const auto request = MustAsk("dev1", {"host1"});
  const auto events = Log().size();
  const auto version = store->FindHost(Host().Id())->version;
  const auto broken = [&] {
    return workflow->Run(now, [&](Change& change) -> Outcome<RequestRecord> {
      auto approved = Approve(change, Who("lead1"), request.id, "", {});
      if (approved) throw StoreFailure("the disk went away");
      return approved;
    });
  };
  EXPECT_THROW(static_cast<void>(broken()), StoreFailure);
  EXPECT_EQ(Shown(request.id).state, RequestState::kPending);
  EXPECT_TRUE(Shown(request.id).decisions.empty());
  EXPECT_TRUE(Grants(request.id).empty());
  EXPECT_EQ(Log().size(), events);
  EXPECT_EQ(store->FindHost(Host().Id())->version, version);
  EXPECT_TRUE(ApproveAs("lead1", request.id));
}

TEST_F(Restarting, AMoveOutsideTheTableIsNotKept) {
  const auto request = MustAsk("dev1", {"host1"});
  const auto jumped = workflow->Run(now, [&](Change& change) {
    auto record = change.Keep().FindRequest(request.id).value();
    return change.Move(record, RequestState::kActive, "nobody");
  });
  ASSERT_FALSE(jumped);
  EXPECT_EQ(jumped.error().kind, Refusal::kConflict);
  EXPECT_EQ(Shown(request.id).state, RequestState::kPending);
}

TEST_F(Restarting, APolicyLoadedByAnotherProcessHolds) {
  auto other_store = std::move(*SqliteStore::Open(folder.File("store.db")));
  const auto seen = store->Generation();
  other_store->AddPerson({*PersonName::Parse("new1"), {}, "", false});
  EXPECT_NE(store->Generation(), seen);
  EXPECT_TRUE(store->FindPerson(*PersonName::Parse("new1")));
  const auto version = store->PolicyVersion();
  static_cast<void>(other_store->AddPolicy("version: 1\nmanaged: []\npolicies: []\n", now));
  EXPECT_EQ(store->PolicyVersion(), version + 1);
  const auto refused = AskFor("dev1", {"host1"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, Refusal::kDeniedByPolicy);
}

TEST_F(Restarting, ALoadedPolicyReachesTheHostsItChanges) {
  Accept(Host());
  ASSERT_EQ(Host().InForce().managed.size(), 2U);
  Enrol("other1", {"env=prod"});
  pushed.clear();
  const std::string text = "version: 1\nmanaged: [{hosts: env=lab, accounts: [dev1], gate: [sudo]}]\npolicies: []\n";
  ASSERT_TRUE(workflow->LoadPolicy(text, "p.yaml", "admin", now));
  EXPECT_EQ(pushed, std::vector<HostId>{Host().Id()});
  Accept(Host());
  ASSERT_EQ(Host().InForce().managed.size(), 1U);
  EXPECT_FALSE(Host().InForce().managed[0].gate.login);
  pushed.clear();
  ASSERT_TRUE(workflow->LoadPolicy(text, "p.yaml", "admin", now));
  EXPECT_TRUE(pushed.empty());
}

TEST_F(Restarting, ABadPolicyChangesNothing) {
  const auto version = store->PolicyVersion();
  for (const char* text : {"", "version: 1\nmanaged: []\n", "version: 2\nmanaged: []\npolicies: []\n"}) {
    EXPECT_FALSE(workflow->LoadPolicy(text, "p.yaml", "admin", now));
  }
  const auto above = workflow->LoadPolicy(
      "version: 1\nmanaged: []\npolicies:\n  - {name: p, who: {groups: [g]}, hosts: a=b, account: self, allow: {sudo: all}, "
      "duration: {default: 1h, max: 2d}, approve: []}\n",
      "p.yaml", "admin", now);
  ASSERT_FALSE(above);
  EXPECT_NE(above.error().what.find("ceiling"), std::string::npos);
  EXPECT_EQ(store->PolicyVersion(), version);
  EXPECT_TRUE(AskFor("dev1", {"host1"}));
}

TEST_F(Restarting, TheLogCannotBeRewritten) {
  auto database = std::move(*Database::Open(folder.File("store.db")));
  EXPECT_FALSE(database.Run("UPDATE event SET detail = 'x'"));
  EXPECT_FALSE(database.Run("DELETE FROM event"));
  EXPECT_FALSE(database.Run("DELETE FROM decision WHERE 0; UPDATE decision SET approve = 1; DELETE FROM event"));
}

}  // namespace
}  // namespace curfew::test
