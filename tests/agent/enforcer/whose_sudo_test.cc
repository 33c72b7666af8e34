// SPDX-License-Identifier: Apache-2.0
// Of several sudo grants on one account one ends: what may be its work ends, what is another's or was begun since does not.
#include "tests/agent/enforcer/ends.h"
#include "tests/agent/enforcer/person.h"
#include "tests/agent/enforcer/scope.h"

namespace curfew::test {
namespace {

TEST_F(Ends, AnotherLiveSudoGrantOfTheAccountKeepsWhatSudoStarted) {
  host_.Start();
  Give({SudoOn(1, "mail", Seconds{600}), SudoOn(2, "mail", Seconds{900})}, false);
  const Person person(8);
  End(1);
  EXPECT_TRUE(ReceiptOf(1).survivors.empty());
  EXPECT_TRUE(Person::Lives(person.Raised()));
  End(2);
  EXPECT_TRUE(Person::AwaitDeath(person.Raised()));
}

TEST_F(Ends, ALesserSudoGrantKeepsNothingOfAWiderOne) {
  host_.Start();
  Grant lesser = SudoOn(2, "www-data", Seconds{900});
  lesser.sudo->commands = std::vector{Command::Parse({"/bin/true"}).value()};
  Give({SudoOn(1, "www-data", Seconds{600}), lesser}, false);
  const Person person(33);
  End(1);
  EXPECT_TRUE(Person::AwaitDeath(person.Raised()));
  EXPECT_TRUE(ReceiptOf(1).survivors.empty());
}

// The bundle that drops a grant says nothing any more of what it allowed.
TEST_F(Ends, ALesserSudoGrantKeepsNothingOfAWiderOneThatLeftTheBundle) {
  host_.Start();
  Grant lesser = SudoOn(2, "daemon", Seconds{900});
  lesser.sudo->commands = std::vector{Command::Parse({"/bin/true"}).value()};
  Give({SudoOn(1, "daemon", Seconds{600}), lesser}, false);
  const Person person(1);
  host_.controller.Draft().grants = {lesser};
  host_.Give();
  EXPECT_TRUE(Person::AwaitDeath(person.Raised()));
  EXPECT_TRUE(ReceiptOf(1).survivors.empty());
}

// An account can have itself made the parent of what its sudo left, as if it had begun it since.
TEST_F(Ends, WhatMayHaveBegunSinceIsSparedForOneLookOnly) {
  host_.Start();
  Give({SudoOn(1, "_apt", Seconds{600})}, false);
  Return(1);
  const Person adopted(42);
  const Person since(42, {}, Person::Raises::kSudo);
  EXPECT_TRUE(Person::AwaitDeath(adopted.Raised()));
  EXPECT_TRUE(Person::AwaitDeath(since.Raised()));
  EXPECT_TRUE(ReceiptOf(1).survivors.empty());
}

// A live grant may have let it in.
TEST_F(Ends, WhatMayHaveBegunSinceIsListedWhereSudoLives) {
  host_.Start();
  Grant lesser = SudoOn(2, "sync", Seconds{900});
  lesser.sudo->commands = std::vector{Command::Parse({"/bin/true"}).value()};
  Give({SudoOn(1, "sync", Seconds{600}), lesser}, false);
  Return(1);
  const Person since(4);
  const Receipt receipt = ReceiptOf(1);
  ASSERT_EQ(receipt.survivors.size(), 1U);
  EXPECT_EQ(receipt.survivors[0].pid, since.Raised());
  EXPECT_TRUE(Person::Lives(since.Raised()));
}

// PAM does not know which grant's a sudo is; that one cannot be the ended one's is known of some.
TEST_F(Ends, ASudoThatIsCertainlyAnotherGrantsGoesOn) {
  host_.Start();
  const auto right = [](Grant grant, const char* command) {
    grant.sudo->commands = std::vector{Command::Parse({command}).value()};
    return grant;
  };
  const Grant keeps = right(SudoOn(2, "backup", Seconds{900}), "/bin/true");
  Give({keeps}, false);
  Scope before(34);
  Scope after(34);
  ASSERT_TRUE(before.IsReady()) << "needs cgroup2";
  const Person inside(34, before.Procs());
  const Person elsewhere(34);
  before.Run("exec sleep 1000");
  after.Run("exec sleep 1000");
  ASSERT_TRUE(before.AskFrom(Gate(), QuestionOf(kCurfewSessionOpen, kCurfewSudo, "backup")).has_value());
  Give({right(SudoOn(1, "backup", Seconds{600}), "/bin/false"), right(SudoOn(3, "backup", Seconds{1200}), "/bin/echo"), keeps}, false);
  ASSERT_TRUE(after.AskFrom(Gate(), QuestionOf(kCurfewSessionOpen, kCurfewSudo, "backup")).has_value());
  End(3);
  EXPECT_TRUE(ReceiptOf(3).survivors.empty()) << "ends after the one that keeps it, but came after it";
  EXPECT_TRUE(Person::Lives(inside.Raised()));
  EXPECT_FALSE(after.IsPopulated()) << "may be of any of the three";
  End(1);
  EXPECT_TRUE(ReceiptOf(1).survivors.empty());
  EXPECT_EQ(before.CountOf(0), 3U);
  EXPECT_FALSE(Person::Lives(elsewhere.Raised()));
  End(2);
  EXPECT_TRUE(Person::AwaitDeath(inside.Raised()));
}

}  // namespace
}  // namespace curfew::test
