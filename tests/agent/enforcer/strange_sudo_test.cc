// SPDX-License-Identifier: Apache-2.0
// Sudo where no login tells whose it is: a service of the account, its own groups without number, a kernel that keeps no logins.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <fstream>
#include <thread>

#include "agent/enforcer/sessions/search.h"
#include "core/codec.h"
#include "os/machine.h"
#include "os/process.h"
#include "tests/agent/enforcer/host.h"
#include "tests/agent/enforcer/person.h"
#include "tests/agent/enforcer/scope.h"
#include "tests/agent/enforcer/small_disk.h"

namespace curfew::test {
namespace {

constexpr const char* kSessions = "/run/curfew/sessions";
const std::string kNobodys = "echo 4294967295 >/proc/self/loginuid; ";
const std::string kSleep = kNobodys + "exec sleep 1000";

void Carry(uid_t login) { std::ofstream("/proc/self/loginuid") << login; }

class StrangeSudo : public ::testing::Test {
 protected:
  StrangeSudo() { Carry(kNoLogin); }
  void Give(const char* account, Seconds longest = Seconds{0}) {
    host_.Start();
    const Instant now = ReadNow().utc;
    Grant grant = GrantOn(1, account, now, now + Seconds{600});
    grant.login.reset();
    grant.longest_session = longest;
    auto& draft = host_.controller.Draft();
    draft.managed = {ManagedAccount{grant.account, curfew::Gate{false, true}}};
    draft.grants = {grant};
    host_.Give();
    host_.Await(EventKind::kGrantActive, grant.id.Text());
  }
  [[nodiscard]] bool Sudo(const Scope& scope, const char* account) const {
    return scope.AskFrom(host_.Path("/run/curfew/gate.sock"), QuestionOf(kCurfewSessionOpen, kCurfewSudo, account)).has_value();
  }
  void End() { ASSERT_EQ(host_.OfferWord(host_.controller.Revocation(Id(1), ReadNow().utc)), "accepted"); }
  [[nodiscard]] Receipt ReceiptOfIt() {
    const auto verified = Verify(host_.Await(EventKind::kReceipt, Id(1).Text()).attachment, Purpose::kReceipt,
                                 Role{1, {TestKey("audit").Public()}});
    EXPECT_EQ(Denied(verified), nullptr);
    return DecodeReceipt(std::get<Verified>(verified)).value();
  }
  /// What runs there before anybody asked for sudo. The kernel counts starts in hundredths of a second.
  static void RunEarlier(Scope& service, const std::string& line = kSleep) {
    service.Run(line);
    const BootInstant next = ReadNow().boot + Millis{20};
    while (ReadNow().boot < next) std::this_thread::yield();
  }
  Host host_;
};

TEST_F(StrangeSudo, WhatBeganSinceInAGroupWithoutLoginsEndsAndWhatMayBeSomebodyElsesIsListed) {
  Give("proxy");
  Scope service(3);
  ASSERT_TRUE(service.IsReady()) << "needs cgroup2";
  RunEarlier(service);
  ASSERT_TRUE(Sudo(service, "proxy"));
  EXPECT_TRUE(host_.AwaitFile(kSessions, [&](const auto& text) {
    return text && text->find(service.Group() + " 13 " + Id(1).Text() + " sudo ") != std::string::npos;
  })) << "with the start of the first that asked";
  service.Run(kSleep);
  service.Run(kSleep);
  const Person person(9, service.Procs());
  const Person orphan(9, service.Procs());
  ASSERT_EQ(::kill(orphan.Own(), SIGKILL), 0);
  ASSERT_TRUE(Person::AwaitDeath(orphan.Own()));
  ASSERT_EQ(service.CountOf(0), 7U);
  End();
  const Receipt receipt = ReceiptOfIt();
  ASSERT_EQ(receipt.survivors.size(), 1U);
  EXPECT_EQ(receipt.survivors[0].pid, orphan.Raised());
  EXPECT_EQ(service.CountOf(0), 5U) << "one from before, and the other login's";
}

// A service that works for several accounts: what it starts later is its own, whoever that runs as.
TEST_F(StrangeSudo, OfAServiceThatWorksForOthersTooLeavesWhatHangsOnIt) {
  Give("proxy");
  Scope service(3);
  ASSERT_TRUE(service.IsReady()) << "needs cgroup2";
  const std::string work = host_.Path("/work");
  ASSERT_EQ(::mkfifo(work.c_str(), 0600), 0);
  RunEarlier(service, kNobodys + "read go <" + work + "; setpriv --reuid=9 --clear-groups sleep 1000 & sleep 1000 & wait");
  ASSERT_TRUE(Sudo(service, "proxy"));
  service.Run(kSleep);
  std::ofstream(work) << "go\n";
  while (service.CountOf(9) < 1 || service.CountOf(0) < 3) std::this_thread::yield();
  End();
  EXPECT_TRUE(ReceiptOfIt().survivors.empty());
  EXPECT_EQ(service.CountOf(9), 1U);
  EXPECT_EQ(service.CountOf(0), 2U) << "sudo's orphan has ended";
}

// What began since is as well somebody's connection, or sshd, which was started again meanwhile.
TEST_F(StrangeSudo, WherePeopleLogInItIsListedAndNotEnded) {
  Give("proxy");
  Scope service(3);
  ASSERT_TRUE(service.IsReady()) << "needs cgroup2";
  service.Run("echo 4294967295 >/proc/self/loginuid; sh -c 'echo 9 >/proc/self/loginuid; exec sleep 1000' & wait");
  while (service.CountOf(0) < 2) std::this_thread::yield();
  ASSERT_TRUE(Sudo(service, "proxy"));
  service.Run(kSleep);
  End();
  const Receipt receipt = ReceiptOfIt();
  EXPECT_GE(receipt.survivors.size(), 1U);
  EXPECT_EQ(service.CountOf(0), 3U);
}

TEST_F(StrangeSudo, WhereSshdRunsItIsListedAndNotEnded) {
  Give("proxy");
  Scope service(3);
  ASSERT_TRUE(service.IsReady()) << "needs cgroup2";
  ASSERT_TRUE(Sudo(service, "proxy"));
  host_.Run("cp /bin/sleep " + host_.Path("/sshd"));
  service.Run("echo 4294967295 >/proc/self/loginuid; exec " + host_.Path("/sshd") + " 1000");
  service.Run(kSleep);
  while (service.CountOf(0) < 2) std::this_thread::yield();
  End();
  EXPECT_EQ(ReceiptOfIt().survivors.size(), 2U);
  EXPECT_EQ(service.CountOf(0), 2U);
}

TEST_F(StrangeSudo, WhereTheBookKnowsOfALoginItIsListedAndNotEnded) {
  Give("proxy");
  const Instant now = ReadNow().utc;
  Grant login = GrantOn(2, "proxy", now, now + Seconds{600});
  login.sudo.reset();
  auto& draft = host_.controller.Draft();
  draft.managed[0].gate.login = true;
  draft.grants.push_back(login);
  host_.Give();
  host_.Await(EventKind::kGrantActive, login.id.Text());
  Scope service(3);
  ASSERT_TRUE(service.IsReady()) << "needs cgroup2";
  ASSERT_TRUE(service.AskFrom(host_.Path("/run/curfew/gate.sock"), QuestionOf(kCurfewSessionOpen, kCurfewSshd, "proxy")).has_value());
  ASSERT_TRUE(Sudo(service, "proxy"));
  service.Run(kSleep);
  End();
  EXPECT_EQ(ReceiptOfIt().survivors.size(), 1U);
  EXPECT_EQ(service.CountOf(0), 1U);
}

// After su in somebody else's session: all that it starts carries that person's login, and so does what that person has as root.
TEST_F(StrangeSudo, UnderSomebodyElsesLoginTakesNothingThatCarriesNoneAndListsNothingOfThatPersons) {
  Give("proxy");
  Scope service(3);
  ASSERT_TRUE(service.IsReady()) << "needs cgroup2";
  Carry(9);
  service.Run("sleep 1000 & wait");
  while (service.CountOf(0) < 2) std::this_thread::yield();
  ASSERT_TRUE(Sudo(service, "proxy"));
  Carry(kNoLogin);
  service.Run(kSleep);
  End();
  EXPECT_TRUE(ReceiptOfIt().survivors.empty());
  EXPECT_EQ(service.CountOf(0), 3U);
}

// The account may kill its sudo while it asks.
TEST_F(StrangeSudo, WhoseAskerHasEndedIsBookedFromItsStartOn) {
  Give("proxy");
  Scope service(3);
  ASSERT_TRUE(service.IsReady()) << "needs cgroup2";
  RunEarlier(service);
  ASSERT_EQ(::kill(host_.Pid(), SIGSTOP), 0);
  const bool asked = service.AskAndDie(host_.Path("/run/curfew/gate.sock"), QuestionOf(kCurfewSessionOpen, kCurfewSudo, "proxy"));
  ASSERT_EQ(::kill(host_.Pid(), SIGCONT), 0);
  ASSERT_TRUE(asked);
  host_.Await(EventKind::kSessionOpened, Id(1).Text());
  service.Run(kSleep);
  End();
  EXPECT_TRUE(ReceiptOfIt().survivors.empty());
  EXPECT_EQ(service.CountOf(0), 1U) << "the one from before";
}

TEST_F(StrangeSudo, FromAHundredGroupsOfAnAccountIsOneLine) {
  Give("proxy");
  Scope scope(13);
  ASSERT_TRUE(scope.IsReady()) << "needs cgroup2";
  scope.Run(kSleep);
  for (int i = 0; i < 100; ++i) {
    scope.Enter("g" + std::to_string(i % 3));
    ASSERT_TRUE(Sudo(scope, "proxy"));
    scope.Leave();
  }
  const std::string book = host_.Read(kSessions).value();
  EXPECT_EQ(std::count(book.begin(), book.end(), '\n'), 2) << book;
  End();
  EXPECT_TRUE(ReceiptOfIt().survivors.empty());
  EXPECT_EQ(host_.Count(EventKind::kSessionOpened), 1U);
}

TEST_F(StrangeSudo, AnotherSudoDoesNotProlongTheFirst) {
  Give("proxy", Seconds{60});
  Scope scope(13);
  ASSERT_TRUE(scope.IsReady()) << "needs cgroup2";
  scope.Run(kSleep);
  ASSERT_TRUE(Sudo(scope, "proxy"));
  const auto book = host_.Read(kSessions);
  const std::int64_t second = UnixSeconds(ReadNow().utc);
  while (UnixSeconds(ReadNow().utc) <= second) std::this_thread::yield();
  ASSERT_TRUE(Sudo(scope, "proxy"));
  EXPECT_EQ(host_.Read(kSessions), book);
}

TEST_F(StrangeSudo, AKernelThatKeepsNoLoginsIsSaidInTheReceipt) {
  ASSERT_TRUE(SmallDisk::OwnMounts());
  Give("proxy");
  const std::string logins = "/proc/" + std::to_string(host_.Pid()) + "/loginuid";
  Scope service(3);
  ASSERT_TRUE(service.IsReady()) << "needs cgroup2";
  ASSERT_EQ(::mount("/dev/null", logins.c_str(), nullptr, MS_BIND, nullptr), 0);
  ASSERT_TRUE(Sudo(service, "proxy"));
  service.Run(kSleep);
  End();
  const Receipt receipt = ReceiptOfIt();
  ASSERT_EQ(receipt.survivors.size(), 2U) << "not: nothing is left";
  EXPECT_EQ(service.CountOf(0), 1U) << "may be anybody's";
  EXPECT_NE(receipt.survivors[0].command.find("keeps no logins"), std::string::npos) << receipt.survivors[0].command;
  EXPECT_EQ(::umount(logins.c_str()), 0);
}

TEST(Survivors, AListThatIsCutSaysHowManyMore) {
  Survivors survivors;
  for (pid_t pid = 1; pid <= 60; ++pid) survivors.emplace(pid, Survivor{pid, 0, std::string(200, 'x'), "u"});
  const auto list = ListOf(survivors);
  ASSERT_EQ(list.size(), kMaxSurvivors);
  EXPECT_TRUE(list.back().command.ends_with("x (and 12 more)"));
  EXPECT_LE(list.back().command.size(), kLongestSurvivorText);
  survivors.erase(survivors.find(48), survivors.end());
  EXPECT_EQ(ListOf(survivors).back().command, std::string(200, 'x'));
}

}  // namespace
}  // namespace curfew::test
