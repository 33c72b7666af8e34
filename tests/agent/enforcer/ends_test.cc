// SPDX-License-Identifier: Apache-2.0
// What an end reaches: also what left its session's scope, its parent or its group; and what it never touches. Each test has
// an account of its own, for an end looks all over the host.
#include <gtest/gtest.h>

#include "core/codec.h"
#include "os/machine.h"
#include "os/process.h"
#include "tests/agent/enforcer/ends.h"
#include "tests/agent/enforcer/person.h"
#include "tests/agent/enforcer/scope.h"
#include "tests/agent/enforcer/small_disk.h"

namespace curfew::test {
namespace {

constexpr const char* kSessions = "/run/curfew/sessions";

TEST_F(Ends, TheLastSudoGrantReachesWhatSudoStartedWhereverItIs) {
  host_.Start();
  Give({SudoOn(1, "lp", Seconds{600})}, false);
  Person person(7);
  const Person other(3);
  const pid_t contained = person.Contained();
  End(1);
  EXPECT_TRUE(Person::AwaitDeath(person.Raised()));
  EXPECT_TRUE(ReceiptOf(1).survivors.empty());
  EXPECT_TRUE(Person::Lives(person.Own())) << "its own, and its login stays";
  EXPECT_TRUE(Person::Lives(person.Door())) << "cron's or sshd's";
  EXPECT_TRUE(Person::Lives(other.Raised())) << "somebody else's root";
  EXPECT_TRUE(Person::Lives(contained)) << "a container's own numbers";
  EXPECT_EQ(host_.Await(EventKind::kSessionEnded, Id(1).Text()).severity, Severity::kWarning);
}

TEST_F(Ends, TheReceiptComesAfterTheLastLookAndListsWhatWasAdopted) {
  const Person before(9);
  host_.Start();
  Give({LoginOn(1, "news", Seconds{600})});
  const Person person(9);
  Scope unbooked(9);
  ASSERT_TRUE(unbooked.IsReady()) << "needs cgroup2";
  host_.KnowSession(unbooked.SessionId(), "sshd", 0);
  unbooked.Run("exec sleep 1000");
  End(1);
  const Receipt receipt = ReceiptOf(1);
  EXPECT_GE(receipt.looked, receipt.ended + Seconds{5});
  EXPECT_EQ(host_.Count(EventKind::kSessionEnded), 1U) << "before the receipt, and only what came by sshd";
  EXPECT_FALSE(unbooked.IsPopulated());
  std::set<pid_t> listed;
  for (const auto& survivor : receipt.survivors) listed.insert(survivor.pid);
  EXPECT_TRUE(listed.contains(person.Own())) << "cron's jobs go on, and are listed";
  EXPECT_TRUE(Person::Lives(person.Own()));
  EXPECT_FALSE(listed.contains(before.Own())) << "began before the grant";
}

TEST_F(Ends, AnEndOfBeforeARestartIsLookedAfterAnew) {
  host_.Start();
  Give({SudoOn(1, "uucp", Seconds{600})}, false);
  host_.Kill();
  const Person person(10);
  host_.Start();
  const Instant now = FromUnixSeconds(UnixSeconds(ReadNow().utc));
  host_.controller.Draft().ended = {Tombstone{Id(1), now, now + Seconds{3600}, "revoked"}};
  ASSERT_EQ(host_.OfferWord(host_.controller.NextBundle()), "accepted");
  host_.Await(EventKind::kGrantEnded, Id(1).Text());
  host_.Kill();
  const Person late(10);
  host_.Start();
  EXPECT_TRUE(Person::AwaitDeath(late.Raised()));
  EXPECT_TRUE(ReceiptOf(1).survivors.empty());
}

TEST_F(Ends, ASudoThatOpensItsSessionAfterTheEndIsEndedAtOnce) {
  host_.Start();
  Give({SudoOn(1, "proxy", Seconds{600})}, false);
  End(1);
  EXPECT_TRUE(ReceiptOf(1).survivors.empty());
  Scope scope(13);
  ASSERT_TRUE(scope.IsReady()) << "needs cgroup2";
  const pid_t own = scope.RunSession("proxy", "sleep 1000");
  host_.KnowSession(scope.SessionId(), "sshd", ReadProcess(own)->parent);
  scope.Run("exec sleep 1000");
  const Person elsewhere(13);
  EXPECT_FALSE(scope.AskFrom(Gate(), QuestionOf(kCurfewSessionOpen, kCurfewSudo, "proxy")).has_value());
  const Event opened = host_.Await(EventKind::kSessionOpened, Id(1).Text());
  EXPECT_EQ(opened.severity, Severity::kAlarm) << opened.detail;
  EXPECT_TRUE(Person::AwaitDeath(elsewhere.Raised()));
  EXPECT_TRUE(host_.AwaitFile(kSessions, [&](const auto& text) { return text && text->find(scope.Group()) == std::string::npos; }));
  EXPECT_EQ(scope.CountOf(0), 1U) << "the monitor alone";
  EXPECT_TRUE(scope.Lives(own));
  EXPECT_EQ(host_.Count(EventKind::kDenied), 0U) << "it ran: nobody was denied";
}

TEST_F(Ends, ASudoThatOpensItsSessionAfterThePolicyDroppedItsAccountIsEndedToo) {
  host_.Start();
  Give({SudoOn(1, "bin", Seconds{600})}, false);
  auto& draft = host_.controller.Draft();
  draft.ended = {Tombstone{Id(1), FromUnixSeconds(UnixSeconds(ReadNow().utc)), draft.grants[0].end, "revoked"}};
  draft.grants.clear();
  draft.managed.clear();
  ASSERT_EQ(host_.OfferWord(host_.controller.NextBundle()), "accepted");
  EXPECT_TRUE(ReceiptOf(1).survivors.empty());
  Scope scope(2);
  ASSERT_TRUE(scope.IsReady()) << "needs cgroup2";
  const pid_t own = scope.RunSession("bin", "sleep 1000");
  host_.KnowSession(scope.SessionId(), "sshd", ReadProcess(own)->parent);
  scope.Run("exec sleep 1000");
  EXPECT_FALSE(scope.AskFrom(Gate(), QuestionOf(kCurfewSessionOpen, kCurfewSudo, "bin")).has_value());
  EXPECT_EQ(host_.Await(EventKind::kSessionOpened, Id(1).Text()).severity, Severity::kAlarm);
  host_.Await(EventKind::kSessionEnded, Id(1).Text());
  EXPECT_EQ(scope.CountOf(0), 1U) << "the monitor alone";
  EXPECT_TRUE(scope.Lives(own));
}

TEST_F(Ends, ASudoInAGroupWithAnOddNameIsBookedAboveItAndTheBookIsReadBack) {
  host_.Start();
  Give({SudoOn(1, "www-data", Seconds{600})}, false);
  Scope scope(33);
  ASSERT_TRUE(scope.IsReady()) << "needs cgroup2";
  scope.Run("exec sleep 1000");
  scope.Enter("a b");
  scope.Enter("x.\xc3\xa9");
  EXPECT_TRUE(scope.AskFrom(Gate(), QuestionOf(kCurfewAccount, kCurfewSudo, "www-data")).has_value());
  EXPECT_TRUE(scope.AskFrom(Gate(), QuestionOf(kCurfewSessionOpen, kCurfewSudo, "www-data")).has_value());
  const auto book = host_.Read(kSessions);
  EXPECT_NE(book.value().find(" " + scope.Group() + " 33 "), std::string::npos) << *book;
  host_.Kill();
  host_.Start();
  EXPECT_EQ(host_.Read(kSessions), book);
  EXPECT_EQ(host_.Count(EventKind::kDrift), 0U);
}

TEST_F(Ends, ABookWithALineThatCannotBeReadKeepsTheOthers) {
  host_.Start();
  Give({LoginOn(1, "backup", Seconds{600})});
  Scope scope(34);
  ASSERT_TRUE(scope.IsReady()) << "needs cgroup2";
  scope.Run("exec sleep 1000");
  ASSERT_TRUE(scope.AskFrom(Gate(), QuestionOf(kCurfewSessionOpen, kCurfewSshd, "backup")).has_value());
  const auto book = host_.Read(kSessions);
  host_.Kill();
  host_.Run("f=" + host_.Path(kSessions) + "; { printf '1 a\\303\\251 34 x login\\n'; cat $f; } > $f.new; chmod 600 $f.new; mv $f.new $f");
  host_.Start();
  EXPECT_NE(host_.Await(EventKind::kDrift).detail.find("1 lines cannot be read"), std::string::npos);
  EXPECT_TRUE(host_.AwaitFile(kSessions, [&](const auto& text) { return text == book; }));
}

TEST_F(Ends, SuToOnesOwnAccountLeavesTheLoginUnderTheGrantThatOpenedIt) {
  host_.Start();
  const Grant own = LoginOn(1, "sync", Seconds{600});
  Give({own});
  Scope scope(4);
  ASSERT_TRUE(scope.IsReady()) << "needs cgroup2";
  scope.Run("exec sleep 1000");
  ASSERT_TRUE(scope.AskFrom(Gate(), QuestionOf(kCurfewSessionOpen, kCurfewSshd, "sync")).has_value());
  Grant others = LoginOn(2, "sync", Seconds{900});
  others.principal = PersonName::Parse("lead1").value();
  Give({own, others});
  const auto book = host_.Read(kSessions);
  ASSERT_TRUE(scope.AskFrom(Gate(), QuestionOf(kCurfewSessionOpen, kCurfewSu, "sync")).has_value());
  EXPECT_EQ(host_.Read(kSessions), book);
}

TEST_F(Ends, ABookThatCannotBeWrittenIsAnAlarmUntilItIs) {
  ASSERT_TRUE(SmallDisk::OwnMounts());
  const SmallDisk disk(host_.Path("/run/curfew"), "512k");
  ASSERT_TRUE(disk.IsMounted());
  host_.Start();
  Give({LoginOn(1, "games", Seconds{600})});
  Scope scope(5);
  ASSERT_TRUE(scope.IsReady()) << "needs cgroup2";
  scope.Run("exec sleep 1000");
  disk.Fill();
  EXPECT_FALSE(scope.AskFrom(Gate(), QuestionOf(kCurfewSessionOpen, kCurfewSshd, "games")).has_value());
  EXPECT_NE(host_.Await(EventKind::kDrift).detail.find("the reaper cannot be told"), std::string::npos);
  disk.Free();
  EXPECT_TRUE(host_.AwaitFile(kSessions, [&](const auto& text) { return text && text->find(scope.Group()) != std::string::npos; }));
  host_.Await(EventKind::kRepaired);
}

TEST_F(Ends, ALoginThatIsInNoBookAfterARestartIsBookedAgain) {
  host_.Start();
  Give({LoginOn(1, "list", Seconds{600})});
  Scope scope(38);
  ASSERT_TRUE(scope.IsReady()) << "needs cgroup2";
  host_.KnowSession(scope.SessionId(), "sshd", 0);
  scope.Run("exec sleep 1000");
  host_.Kill();
  host_.Run("rm " + host_.Path(kSessions));
  host_.Start();
  EXPECT_EQ(host_.Await(EventKind::kRecovered).grant, Id(1).Text());
  EXPECT_NE(host_.Read(kSessions).value().find(scope.Group() + " 38 " + Id(1).Text() + " login\n"), std::string::npos);
  End(1);
  EXPECT_TRUE(ReceiptOf(1).survivors.empty());
  EXPECT_FALSE(scope.IsPopulated());
}

TEST_F(Ends, ALoginThatWasOpenBeforeItsAccountWasManagedIsSaidAndStays) {
  host_.Start();
  Scope scope(39);
  ASSERT_TRUE(scope.IsReady()) << "needs cgroup2";
  host_.KnowSession(scope.SessionId(), "sshd", 0);
  scope.Run("exec sleep 1000");
  host_.controller.Draft().managed = {ManagedAccount{Account("irc"), curfew::Gate{true, true}}};
  host_.Give();
  const Event residual = host_.Await(EventKind::kResidual);
  EXPECT_EQ(residual.severity, Severity::kAlarm);
  EXPECT_NE(residual.detail.find(scope.Group()), std::string::npos) << residual.detail;
  EXPECT_TRUE(scope.IsPopulated());
}

}  // namespace
}  // namespace curfew::test
