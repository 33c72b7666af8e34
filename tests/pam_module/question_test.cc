// SPDX-License-Identifier: Apache-2.0
// What the gate hears: every field of the question, bounded, whatever the caller puts into PAM.
#include <gtest/gtest.h>

#include <algorithm>
#include <string_view>

#include "tests/pam_module/fake_gate.h"
#include "tests/pam_module/pam_world.h"

namespace curfew {
namespace {

class Question : public testing::Test {
 protected:
  Question() {
    world_.WriteManaged("dev1 1001 both\n" + std::string(63, 'n') + " 1002 both\n" + std::string(64, 'm') + " 1003 both\n");
    world_.WriteService("sshd", world_.AccountStack() + world_.SessionStack(), kModuleHere);
    world_.WriteService("sudo", world_.AccountStack() + world_.SessionStack(), kModuleHere);
  }

  // Opens `transaction`'s session and returns what the gate heard of it.
  CurfewQuestion Heard(Transaction& transaction) {
    EXPECT_EQ(transaction.Open(), PAM_SUCCESS);
    return gate_.Questions(1).back();
  }

  PamWorld world_;
  FakeGate gate_{Reply::kAllow, ""};
};

TEST_F(Question, CarriesWhatSshdKnows) {
  Transaction sshd(world_, "sshd", "dev1");
  sshd.Set(PAM_RHOST, "192.0.2.7");
  sshd.Set(PAM_TTY, "ssh");
  sshd.PutEnvironment("SSH_AUTH_INFO_0=publickey ssh-ed25519 AAAAC3Nza\n");
  const CurfewQuestion heard = Heard(sshd);
  EXPECT_EQ(heard.magic, static_cast<uint32_t>(kCurfewQuestionMagic));
  EXPECT_EQ(heard.version, kCurfewFrameVersion);
  EXPECT_EQ(heard.service, kCurfewSshd);
  EXPECT_STREQ(heard.account, "dev1");
  EXPECT_STREQ(heard.terminal_name, "ssh");
  EXPECT_EQ(heard.terminal, 0);
  EXPECT_STREQ(heard.remote_host, "192.0.2.7");
  EXPECT_STREQ(heard.key, "ssh-ed25519 AAAAC3Nza");
  EXPECT_EQ(heard.key_truncated, 0);
}

TEST_F(Question, CarriesWhatSudoKnows) {
  Transaction sudo(world_, "sudo", "root");
  sudo.Set(PAM_RUSER, "dev1");
  sudo.Set(PAM_TTY, "/dev/pts/3");
  sudo.PutEnvironment("SSH_AUTH_INFO_0=publickey ssh-ed25519 forged\n");
  const CurfewQuestion heard = Heard(sudo);
  EXPECT_EQ(heard.service, kCurfewSudo);
  EXPECT_STREQ(heard.account, "dev1");
  EXPECT_STREQ(heard.terminal_name, "pts/3");
  EXPECT_EQ(heard.terminal, 1);
  EXPECT_STREQ(heard.key, "") << "only sshd's word for a key is taken";
}

TEST_F(Question, TakesTheLastKeyThatAuthenticated) {
  Transaction sshd(world_, "sshd", "dev1");
  sshd.PutEnvironment("SSH_AUTH_INFO_0=publickey ssh-rsa FIRST\npassword\npublickey ssh-ed25519 SECOND\nkeyboard-interactive\n");
  EXPECT_STREQ(Heard(sshd).key, "ssh-ed25519 SECOND");
}

TEST_F(Question, BoundsTheKey) {
  const std::string fits = "ssh-rsa " + std::string(4087, 'A');
  Transaction sshd(world_, "sshd", "dev1");
  sshd.PutEnvironment("SSH_AUTH_INFO_0=publickey " + fits);
  EXPECT_EQ(Heard(sshd).key, fits);
  sshd.PutEnvironment("SSH_AUTH_INFO_0=publickey " + fits + "B");
  const CurfewQuestion heard = Heard(sshd);
  EXPECT_EQ(heard.key_truncated, 1);
  EXPECT_TRUE(std::ranges::all_of(heard.key, [](char byte) { return byte == '\0'; }));
}

TEST_F(Question, BoundsEveryOtherText) {
  Transaction sshd(world_, "sshd", "dev1");
  for (const int item : {PAM_RHOST, PAM_TTY}) sshd.Set(item, std::string(1000, 'h'));  // more, and libpam's own audit refuses
  const CurfewQuestion heard = Heard(sshd);
  EXPECT_EQ(std::string_view(heard.remote_host), std::string(63, 'h'));
  EXPECT_EQ(std::string_view(heard.terminal_name), std::string(31, 'h'));
}

// A name that would be cut is another name: it is refused, never asked about.
TEST_F(Question, ANameThatDoesNotFitIsDenied) {
  Transaction fits(world_, "sshd", std::string(63, 'n'));
  EXPECT_EQ(fits.Account(), PAM_SUCCESS);
  Transaction overlong(world_, "sshd", std::string(64, 'm'));
  EXPECT_EQ(overlong.Account(), PAM_PERM_DENIED);
  EXPECT_EQ(gate_.Questions(1).size(), 1U);
}

}  // namespace
}  // namespace curfew
