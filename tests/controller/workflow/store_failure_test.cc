// SPDX-License-Identifier: Apache-2.0
// A store that fails in the middle of a step: nothing of the step is there, the audit log's chain goes on whole.
#include "controller/audit/journal.h"
#include "os/sqlite.h"
#include "tests/controller/workflow/office.h"

namespace curfew::test {
namespace {

class FailingStore : public Office {
 protected:
  FailingStore() { Enrol("host1"); }
  void Sql(const std::string& sql) {
    auto database = std::move(*Database::Open(folder.File("store.db")));
    const auto done = database.Run(sql);
    ASSERT_TRUE(done) << done.error().Text();
  }
  /// From now on inserts into `table` fail, as SQLite fails on a full disk: the whole transaction goes (SQLITE_FULL), or
  /// only the statement (SQLITE_CONSTRAINT).
  void Break(const std::string& table, const std::string& how) {
    Sql("CREATE TRIGGER broken BEFORE INSERT ON " + table + " BEGIN SELECT RAISE(" + how + ", 'the disk is full'); END");
  }
  void Mend() { Sql("DROP TRIGGER broken"); }
  void ExpectWholeChain() {
    std::uint64_t seq = 0;
    ContentHash head;
    for (const auto& event : Log()) {
      if (event.host) continue;
      EXPECT_EQ(event.seq, ++seq);
      EXPECT_EQ(event.previous, head) << event.seq;
      EXPECT_EQ(event.hash, HashOwnEvent(event)) << event.seq;
      head = event.hash;
    }
    EXPECT_GT(seq, 0U);
  }
};

TEST_F(FailingStore, InTheMiddleOfAnApprovalNothingHappened) {
  for (const char* how : {"ROLLBACK", "ABORT"}) {
    for (const char* table : {"decision", "history", "grants", "event", "bundle"}) {
      const auto request = MustAsk("dev1", {"host1"});
      const auto version = store->FindHost(hosts[0]->Id())->version;
      const auto lines = Log().size();
      pushed.clear();
      Break(table, how);
      EXPECT_THROW(static_cast<void>(ApproveAs("lead1", request.id)), StoreFailure) << table << " " << how;
      Mend();
      EXPECT_EQ(Shown(request.id).state, RequestState::kPending) << table;
      EXPECT_TRUE(Shown(request.id).decisions.empty()) << table;
      EXPECT_TRUE(Grants(request.id).empty()) << table;
      EXPECT_EQ(Log().size(), lines) << table;
      EXPECT_EQ(store->FindHost(hosts[0]->Id())->version, version) << table;
      EXPECT_TRUE(pushed.empty()) << "told somebody of what did not happen: " << table;
      const auto again = ApproveAs("lead1", request.id);
      ASSERT_TRUE(again) << table << ": " << again.error().what;
      EXPECT_EQ(again->state, RequestState::kProvisioning);
      ExpectWholeChain();
    }
  }
}

TEST_F(FailingStore, InTheMiddleOfARevokeTheGrantIsStillToBeRevoked) {
  const auto request = Approved({"host1"});
  Activate(*hosts[0], Only(request.id).id);
  for (const char* table : {"revocation", "event", "bundle"}) {
    Break(table, "ROLLBACK");
    EXPECT_THROW(static_cast<void>(ReturnAs("dev1", request.id)), StoreFailure) << table;
    Mend();
    EXPECT_EQ(Only(request.id).state, GrantState::kActive) << table;
    EXPECT_TRUE(store->RevocationOf(Only(request.id).id).empty()) << table;
  }
  const auto returned = ReturnAs("dev1", request.id);
  ASSERT_TRUE(returned) << returned.error().what;
  EXPECT_EQ(Only(request.id).state, GrantState::kEnded);
  ExpectWholeChain();
}

TEST_F(FailingStore, APolicyThatWasNotKeptIsNotInForce) {
  const auto before = store->PolicyVersion();
  Break("event", "ROLLBACK");
  const std::string text = "version: 1\nmanaged: [{hosts: env=lab, accounts: [dev1], gate: [login, sudo]}]\npolicies: []\n";
  EXPECT_THROW(static_cast<void>(workflow->LoadPolicy(text, "p.yaml", "admin", now)), StoreFailure);
  Mend();
  EXPECT_EQ(store->PolicyVersion(), before);
  EXPECT_TRUE(AskFor("dev1", {"host1"})) << "the policy of before gives it";
}

}  // namespace
}  // namespace curfew::test
