// SPDX-License-Identifier: Apache-2.0
// Who ends with a session, by values: a shared service, sudo's orphans, somebody else's login, what an account adopts.
#include "core/fate.h"

#include <gtest/gtest.h>

namespace curfew {
namespace {

constexpr std::uint32_t kAccount = 1001;
constexpr std::uint32_t kOther = 1002;
constexpr std::uint64_t kSince = 500;

struct Of {
  Pid parent = 1;
  std::uint32_t uid = 0;
  std::uint32_t login = kNoLogin;
  std::uint64_t started = kSince;
};

ProcessFacts Process(Pid pid, const Of& of) {
  ProcessFacts facts;
  facts.pid = pid;
  facts.parent = of.parent;
  facts.started = of.started;
  facts.real = facts.effective = facts.saved = facts.filesystem = of.uid;
  facts.login = of.login;
  return facts;
}

// A service that began before the account's sudo asked, and works for several accounts.
class SharedService : public ::testing::Test {
 protected:
  SharedService() { Has(10, {.started = kSince - 1}); }
  void Has(Pid pid, const Of& of) { inside_.push_back(Process(pid, of)); }
  [[nodiscard]] Fate FateOf(Pid pid) const { return FatesIn(reach_, inside_, stays_).at(pid); }

  Reach reach_{kAccount, false, false, kSince, false};
  std::vector<ProcessFacts> inside_;
  std::set<Pid> stays_;
};

TEST_F(SharedService, KeepsWhatHangsOnItWhoeverItRunsAs) {
  Has(20, {.parent = 10, .uid = kOther});
  Has(21, {.parent = 10});
  Has(22, {.parent = 21, .uid = 33});
  Has(23, {.parent = 10, .uid = kOther, .login = kOther});
  for (const Pid pid : {10, 20, 21, 22, 23}) EXPECT_EQ(FateOf(pid), Fate::kLives) << pid;
}

TEST_F(SharedService, LosesWhatHangsOnTheAccount) {
  Has(20, {.parent = 10, .uid = kAccount, .started = kSince - 1});
  Has(21, {.parent = 20});
  Has(22, {.parent = 21, .uid = 33});
  EXPECT_EQ(FateOf(20), Fate::kLives);
  EXPECT_EQ(FateOf(21), Fate::kEnds);
  EXPECT_EQ(FateOf(22), Fate::kEnds);
}

// Sudo's, whose sudo was killed: adopted by PID 1, or by somebody outside of the group.
TEST_F(SharedService, LosesRootsOrphansAndListsThoseOfOthers) {
  Has(20, {.parent = 1});
  Has(21, {.parent = 20, .uid = 33});
  Has(22, {.parent = 4711});
  Has(30, {.parent = 1, .uid = 33});
  Has(31, {.parent = 30});
  Has(32, {.parent = 1, .login = kOther});
  Has(40, {.parent = 1, .started = kSince - 1});
  for (const Pid pid : {20, 21, 22}) EXPECT_EQ(FateOf(pid), Fate::kEnds) << pid;
  for (const Pid pid : {30, 31, 32}) EXPECT_EQ(FateOf(pid), Fate::kUnclear) << pid;
  EXPECT_EQ(FateOf(40), Fate::kLives);
}

TEST_F(SharedService, WherePeopleLogInListsRootsOrphans) {
  reach_.among_logins = true;
  Has(20, {.parent = 1});
  Has(21, {.parent = 20, .uid = kOther});
  Has(22, {.parent = 1, .uid = kOther, .login = kOther});
  EXPECT_EQ(FateOf(20), Fate::kUnclear);
  EXPECT_EQ(FateOf(21), Fate::kUnclear);
  EXPECT_EQ(FateOf(22), Fate::kLives) << "somebody's own";
}

// What an administrator runs as root in a session in which the account's sudo was asked for, too.
TEST_F(SharedService, SomebodyElsesSessionKeepsWhatHangsOnThatPersonOrOnItsDoor) {
  reach_.strange_since = 1;
  reach_.among_logins = true;
  inside_.clear();
  Has(20, {.login = kOther});
  stays_ = {20};
  Has(21, {.parent = 20, .uid = kOther, .login = kOther});
  Has(22, {.parent = 21, .login = kOther});
  Has(23, {.parent = 20, .login = kOther});
  Has(30, {.parent = 22, .uid = kAccount, .login = kOther});
  Has(31, {.parent = 30, .login = kOther});
  Has(40, {.parent = 1, .login = kOther});
  for (const Pid pid : {20, 21, 22, 23, 30}) EXPECT_EQ(FateOf(pid), Fate::kLives) << pid;
  EXPECT_EQ(FateOf(31), Fate::kEnds) << "below the account's own";
  EXPECT_EQ(FateOf(40), Fate::kUnclear) << "nobody says whose";
}

TEST_F(SharedService, WithoutAStrangeSudoLosesOnlyWhatTheAccountsIs) {
  reach_.strange_since = 0;
  Has(20, {.parent = 1});
  Has(21, {.parent = 1, .login = kAccount});
  EXPECT_EQ(FateOf(20), Fate::kLives);
  EXPECT_EQ(FateOf(21), Fate::kEnds);
  reach_.login = true;
  Has(22, {.parent = 10, .uid = kAccount});
  Has(23, {.parent = 22});
  EXPECT_EQ(FateOf(21), Fate::kLives) << "not the account's, at the end of a login";
  EXPECT_EQ(FateOf(22), Fate::kEnds);
  EXPECT_EQ(FateOf(23), Fate::kEnds);
}

TEST_F(SharedService, NumbersGivenAnewAreNoEndlessFamily) {
  Has(20, {.parent = 21});
  Has(21, {.parent = 20});
  EXPECT_EQ(FateOf(20), Fate::kEnds);
}

TEST(Fate, InAGroupOfTheAccountsOwnEndsAllThatSudoDoesNotLeaveAlone) {
  const std::vector<ProcessFacts> inside{Process(2, {}), Process(3, {.uid = kAccount}), Process(4, {.uid = kOther})};
  const auto fates = FatesIn({kAccount, false, true, 0, false}, inside, {2});
  EXPECT_EQ(fates, (std::map<Pid, Fate>{{2, Fate::kLives}, {3, Fate::kLives}, {4, Fate::kEnds}}));
}

TEST(Fate, ARaisedProcessCarriesTheLoginAndRunsAsSomebodyElse) {
  EXPECT_TRUE(IsRaised(Process(2, {.login = kAccount}), kAccount));
  EXPECT_FALSE(IsRaised(Process(2, {.uid = kAccount, .login = kAccount}), kAccount));
  EXPECT_FALSE(IsRaised(Process(2, {.login = kOther}), kAccount));
  auto contained = Process(2, {.login = kAccount});
  contained.nested = true;
  EXPECT_FALSE(IsRaised(contained, kAccount));
}

TEST(Fate, ADoorCarriesALoginThatItsParentHasNot) {
  EXPECT_TRUE(IsDoor(Process(2, {.parent = 9, .login = kAccount}), kNoLogin));
  EXPECT_FALSE(IsDoor(Process(2, {.parent = 9, .login = kAccount}), kAccount));
  EXPECT_FALSE(IsDoor(Process(2, {.parent = 1, .login = kAccount}), kNoLogin)) << "PID 1 adopts";
  EXPECT_FALSE(IsDoor(Process(2, {.parent = 9, .uid = kAccount, .login = kAccount}), kNoLogin));
}

TEST(Fate, StartedSinceIsWhatTheAccountItselfBeganAfterTheEnd) {
  const std::vector<ProcessFacts> all{Process(10, {.uid = kAccount}), Process(11, {.parent = 10, .started = kSince + 1}),
                                      Process(12, {.parent = 11, .started = kSince + 2}), Process(13, {.parent = 10}),
                                      Process(14, {.parent = 13, .started = kSince + 1})};
  EXPECT_EQ(StartedSince(all, kAccount, kSince, true), (std::set<Pid>{11, 12}));
}

// A sudo keeps the account as its real uid, and what it starts hangs below it.
TEST(Fate, WhereNoSudoLivesWhatGaveUpTheAccountWasAdopted) {
  auto sudo = Process(11, {.parent = 10, .started = kSince + 1});
  sudo.real = kAccount;
  const std::vector<ProcessFacts> all{Process(10, {.uid = kAccount}), sudo, Process(12, {.parent = 11, .started = kSince + 1}),
                                      Process(20, {.parent = 10, .started = kSince + 1})};
  EXPECT_EQ(StartedSince(all, kAccount, kSince, false), (std::set<Pid>{11, 12}));
}

TEST(Fate, PeopleAreLetInBySshdOrByWhatGivesALogin) {
  auto sshd = Process(2, {});
  sshd.command = "sshd";
  EXPECT_TRUE(LetsPeopleIn({sshd}, kAccount));
  sshd.real = kAccount;
  EXPECT_FALSE(LetsPeopleIn({sshd}, kAccount)) << "whoever calls themselves so";
  EXPECT_TRUE(LetsPeopleIn({Process(2, {}), Process(3, {.parent = 2, .login = kOther})}, kAccount));
  EXPECT_FALSE(LetsPeopleIn({Process(2, {.login = kOther}), Process(3, {.parent = 2, .login = kOther})}, kAccount));
}

}  // namespace
}  // namespace curfew
