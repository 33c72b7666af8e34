// SPDX-License-Identifier: Apache-2.0
// Sessions and hints: who is told what, what is shown and how often, and that only sshd's session open can deny.
#include <gtest/gtest.h>

#include "tests/pam_module/fake_gate.h"
#include "tests/pam_module/pam_world.h"

namespace curfew {
namespace {

constexpr const char* kLine = "root until 18:00 UTC; give back: curfew return g-1";

class Session : public testing::Test {
 protected:
  Session() {
    world_.WriteManaged("dev1 1001 both\n");
    for (const char* service : {"sshd", "login", "sudo", "sudo-i", "su", "su-l", "cron"}) {
      world_.WriteService(service, world_.AuthStack() + world_.AccountStack() + world_.SessionStack(), kModuleHere);
    }
  }

  PamWorld world_;
};

TEST_F(Session, SshdOpenShowsTheLineAndAsksAgain) {
  FakeGate gate(Reply::kAllow, kLine);
  Transaction sshd(world_, "sshd", "dev1");
  EXPECT_EQ(sshd.Open(), PAM_SUCCESS);
  EXPECT_EQ(sshd.Shown(), std::vector<Said>({{PAM_TEXT_INFO, kLine}}));
  EXPECT_EQ(gate.Questions(1).at(0).kind, kCurfewSessionOpen);
}

TEST_F(Session, SshdOpenDeniesWithoutAnAllow) {
  {
    const FakeGate gate(Reply::kDeny, "ended");
    Transaction sshd(world_, "sshd", "dev1");
    EXPECT_EQ(sshd.Open(), PAM_PERM_DENIED);
    EXPECT_EQ(sshd.Shown(), std::vector<Said>({{PAM_ERROR_MSG, "ended"}}));
  }
  Transaction sshd(world_, "sshd", "dev1");
  EXPECT_EQ(sshd.Open(), PAM_PERM_DENIED) << "no gate at all";
}

TEST_F(Session, LoginIsShownTheLineAndNeverDenied) {
  {
    const FakeGate gate(Reply::kAllow, kLine);
    Transaction login(world_, "login", "dev1");
    EXPECT_EQ(login.Open(), PAM_SUCCESS);
    EXPECT_EQ(login.Shown(), std::vector<Said>({{PAM_TEXT_INFO, kLine}}));
  }
  const FakeGate gate(Reply::kDeny, "");
  Transaction login(world_, "login", "dev1");
  EXPECT_EQ(login.Open(), PAM_SUCCESS);
  EXPECT_TRUE(login.Shown().empty());
}

TEST_F(Session, SudoAndSuOnlyTell) {
  const RealUid caller(1000);
  FakeGate gate(Reply::kDeny, "never shown");
  size_t told = 0;
  for (const char* service : {"sudo", "sudo-i", "su", "su-l"}) {
    Transaction transaction(world_, service, "dev1");
    transaction.Set(PAM_RUSER, "dev1");
    EXPECT_EQ(transaction.Open(), PAM_SUCCESS) << service;
    EXPECT_EQ(transaction.Close(), PAM_SUCCESS) << service;
    EXPECT_TRUE(transaction.Shown().empty()) << service;
    const auto questions = gate.Questions(2);
    ASSERT_EQ(questions.size(), told + 2);
    EXPECT_EQ(questions[told].kind, kCurfewSessionOpen);
    EXPECT_EQ(questions[told + 1].kind, kCurfewSessionClose);
    told += 2;
  }
}

TEST_F(Session, ToldWithoutAGateIsNoFailure) {
  Transaction sudo(world_, "sudo", "root");
  sudo.Set(PAM_RUSER, "dev1");
  EXPECT_EQ(sudo.Open(), PAM_SUCCESS);
  EXPECT_EQ(sudo.Close(), PAM_SUCCESS);
}

TEST_F(Session, TheUngatedAreNeitherAskedNorTold) {
  FakeGate gate(Reply::kDeny, "no");
  for (const char* service : {"sshd", "cron"}) {
    Transaction transaction(world_, service, service == std::string("sshd") ? "ops1" : "dev1");
    EXPECT_EQ(transaction.Authenticate(), PAM_SUCCESS);
    EXPECT_EQ(transaction.Open(), PAM_SUCCESS);
    EXPECT_EQ(transaction.Close(), PAM_SUCCESS);
    EXPECT_TRUE(transaction.Shown().empty());
  }
  EXPECT_TRUE(gate.QuestionsSoFar().empty());
}

TEST_F(Session, TheHintIsSudosAloneAndComesOnce) {
  FakeGate gate(Reply::kDeny, "ask with: curfew request web1 --sudo-all --reason TEXT");
  Transaction sudo(world_, "sudo", "dev1");
  for (int attempt = 0; attempt < 3; ++attempt) EXPECT_EQ(sudo.Authenticate(), PAM_SUCCESS);
  EXPECT_EQ(sudo.Shown(), std::vector<Said>({{PAM_ERROR_MSG, "ask with: curfew request web1 --sudo-all --reason TEXT"}}));
  EXPECT_EQ(gate.Questions(1).at(0).kind, kCurfewHint);
  const RealUid caller(1000);
  for (const char* service : {"sshd", "login", "su"}) {
    Transaction other(world_, service, "dev1");
    EXPECT_EQ(other.Authenticate(), PAM_SUCCESS);
    EXPECT_TRUE(other.Shown().empty()) << service;
  }
  EXPECT_EQ(gate.QuestionsSoFar().size(), 1U);
}

TEST_F(Session, NoHintWhereThereIsNothingToSay) {
  {
    const FakeGate gate(Reply::kAllow, "you have it");
    Transaction sudo(world_, "sudo", "dev1");
    EXPECT_EQ(sudo.Authenticate(), PAM_SUCCESS);
    EXPECT_TRUE(sudo.Shown().empty());
  }
  Transaction sudo(world_, "sudo", "dev1");
  EXPECT_EQ(sudo.Authenticate(), PAM_SUCCESS) << "no gate";
  EXPECT_TRUE(sudo.Shown().empty());
}

TEST_F(Session, WhatIsShownIsPrintable) {
  const FakeGate gate(Reply::kDeny, "a\x1b[2Jb\rc\x7f\xc3\xa9\nd\te");
  Transaction sshd(world_, "sshd", "dev1");
  EXPECT_EQ(sshd.Account(), PAM_PERM_DENIED);
  EXPECT_EQ(sshd.Shown(), std::vector<Said>({{PAM_ERROR_MSG, "a?[2Jb?c???\nd?e"}}));
}

// sudo 1.9.13 sets PAM_SILENT on every call; nobody else is spoken to against its flag.
TEST_F(Session, DenialsSayWhatToType) {
  const FakeGate gate(Reply::kDeny, "ask first");
  Transaction sudo(world_, "sudo", "dev1");
  EXPECT_EQ(sudo.Account(PAM_SILENT), PAM_PERM_DENIED);
  EXPECT_EQ(sudo.Authenticate(PAM_SILENT), PAM_SUCCESS);
  EXPECT_EQ(sudo.Shown(), std::vector<Said>({{PAM_ERROR_MSG, "ask first"}, {PAM_ERROR_MSG, "ask first"}}));
  Transaction sshd(world_, "sshd", "dev1");
  EXPECT_EQ(sshd.Account(PAM_SILENT), PAM_PERM_DENIED);
  EXPECT_TRUE(sshd.Shown().empty());
  EXPECT_EQ(sshd.Account(), PAM_PERM_DENIED);
  EXPECT_EQ(sshd.Shown(), std::vector<Said>({{PAM_ERROR_MSG, "ask first"}}));
}

TEST_F(Session, ADenialWithoutAGateSaysWhereToLook) {
  Transaction sudo(world_, "sudo", "dev1");
  EXPECT_EQ(sudo.Account(), PAM_PERM_DENIED);
  ASSERT_EQ(sudo.Shown().size(), 1U);
  EXPECT_NE(sudo.Shown()[0].text.find("systemctl status curfew-enforcer"), std::string::npos);
}

TEST_F(Session, AnAllowedAccountSeesNothing) {
  const FakeGate gate(Reply::kAllow, "not for the account stage");
  Transaction sshd(world_, "sshd", "dev1");
  EXPECT_EQ(sshd.Account(), PAM_SUCCESS);
  EXPECT_TRUE(sshd.Shown().empty());
}

}  // namespace
}  // namespace curfew
