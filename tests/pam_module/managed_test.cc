// SPDX-License-Identifier: Apache-2.0
// The managed list decides who can be denied at all: what it may be, what it says, and what stands in when it cannot be read.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "tests/pam_module/fake_gate.h"
#include "tests/pam_module/pam_world.h"

namespace curfew {
namespace {

// With a gate that always denies: PAM_PERM_DENIED says "asked", PAM_SUCCESS "not gated".
class ManagedList : public testing::Test {
 protected:
  int Sshd(const std::string& account) {
    world_.WriteService("sshd", world_.AccountStack(), kModuleHere);
    Transaction transaction(world_, "sshd", account);
    return transaction.Account();
  }

  PamWorld world_;
  FakeGate gate_{Reply::kDeny, ""};
};

TEST_F(ManagedList, NamesExactly) {
  world_.WriteManaged("first.last 1001 login\ndev1 1002 both\nALL 1003 both\n%sudo 1004 both\n#0 1005 both\na,b 1006 both\ndirdev 4294967295 both\n");
  for (const char* account : {"first.last", "dev1", "ALL", "%sudo", "#0", "a,b", "dirdev"}) {
    EXPECT_EQ(Sshd(account), PAM_PERM_DENIED) << account;
  }
  for (const char* account : {"dev", "dev11", "root", "1002", "dev1 1002", "first", "a", "both"}) {
    EXPECT_EQ(Sshd(account), PAM_SUCCESS) << account;
  }
}

// A directory service gives the same uid to each of them: to be let in by another spelling is to be let in.
TEST_F(ManagedList, EverySpellingOfAListedNameIsThatName) {
  world_.WriteManaged("Dev1 1001 both\nfirst.last 1002 sudo\n");
  for (const char* account : {"DEV1", "dev1", "dev1@corp.example", "CORP\\dev1", "corp.example/DEV1", "CORP+dev1", "CORP\\Dev1@x"}) {
    ASSERT_EQ(Sshd(account), PAM_PERM_DENIED) << account;
    const CurfewQuestion heard = gate_.Questions(1).back();
    EXPECT_STREQ(heard.account, "Dev1") << account;
    EXPECT_EQ(heard.other_spelling, 1) << account;
  }
  ASSERT_EQ(Sshd("Dev1"), PAM_PERM_DENIED);
  EXPECT_EQ(gate_.Questions(1).back().other_spelling, 0);
  for (const char* account : {"@corp.example", "CORP\\", "dev1\\other", "dev11@corp.example", "dev", "FIRST.LAST"}) {
    EXPECT_EQ(Sshd(account), PAM_SUCCESS) << account;
  }
}

TEST_F(ManagedList, ASpellingThatTheUserDatabaseGivesAnotherUidIsSomebodyElse) {
  for (const char* list : {"Daemon 4001 both\n", "Daemon 4294967295 both\n", "Daemon 4001 both\nDAEMON 4002 both\n", "Daemon 1 sudo\n"}) {
    world_.WriteManaged(list);
    EXPECT_EQ(Sshd("daemon"), PAM_SUCCESS) << list;
  }
  for (const char* list : {"Daemon 1 both\n", "Daemon 4001 both\nDAEMON 1 both\n", "DAEMON 1 both\nDaemon 4294967295 sudo\n"}) {
    world_.WriteManaged(list);
    EXPECT_EQ(Sshd("daemon"), PAM_PERM_DENIED) << list;
  }
}

TEST_F(ManagedList, NoSpellingNamesRoot) {
  for (const char* list : {"Root 0 both\n", "ROOT 4294967295 both\n", "Root 4001 both\n"}) {
    world_.WriteManaged(list);
    EXPECT_EQ(Sshd("root"), PAM_SUCCESS) << list;
  }
}

TEST_F(ManagedList, AListedNameWithoutUidIsLookedUpItself) {
  world_.WriteManaged("daemon 4294967295 both\n");
  EXPECT_EQ(Sshd("daemon"), PAM_PERM_DENIED);
  EXPECT_EQ(Sshd("bin@corp"), PAM_SUCCESS);
}

TEST_F(ManagedList, ANameToTheLetterCountsBeforeItsSpellings) {
  world_.WriteManaged("DEV1 1001 sudo\ndev1 1002 login\nDev1 1003 sudo\n");
  ASSERT_EQ(Sshd("dev1"), PAM_PERM_DENIED);
  EXPECT_EQ(gate_.Questions(1).back().other_spelling, 0);
  EXPECT_EQ(Sshd("DEV1"), PAM_SUCCESS) << "listed itself, for sudo alone";
  EXPECT_EQ(Sshd("dEV1"), PAM_PERM_DENIED) << "gated as any of those that it may be";
}

TEST_F(ManagedList, ALineOfAnotherFormNamesNobody) {
  world_.WriteManaged("dev1\ndev2 1002\ndev3 1003 all\ndev4 x both\ndev5  both\n dev6 1006 both\ndev7 1007 both \n\ndev8 1008 both");
  for (const char* account : {"dev1", "dev2", "dev3", "dev4", "dev5", "dev6", "dev7"}) {
    EXPECT_EQ(Sshd(account), PAM_SUCCESS) << account;
  }
  EXPECT_EQ(Sshd("dev8"), PAM_PERM_DENIED) << "a last line cut before its newline still names its account";
}

TEST_F(ManagedList, IsReadToItsEndAcrossChunks) {
  std::string text;
  while (text.size() < 60'000UL) text += "somebody-with-a-long-name-" + std::to_string(text.size()) + " 4242 login\n";
  world_.WriteManaged(text + std::string(150, 'x') + " 1 both\nlast 1009 both\n");
  EXPECT_EQ(Sshd("last"), PAM_PERM_DENIED);
  EXPECT_EQ(Sshd("somebody-with-a-long-name-0"), PAM_PERM_DENIED);
  EXPECT_EQ(Sshd("nobody"), PAM_SUCCESS);
}

TEST_F(ManagedList, AnOverlongLineNeitherMatchesNorHidesTheNext) {
  world_.WriteManaged(std::string(5000, 'y').append(" 1 both\ndev1 1001 both\n"));
  EXPECT_EQ(Sshd("dev1"), PAM_PERM_DENIED);
  EXPECT_EQ(Sshd(std::string(5000, 'y')), PAM_SUCCESS);
  // Cut at the module's 159 bytes this would read "dev2 1…1 both".
  world_.WriteManaged("dev2 " + std::string(149, '1') + " bothered\n");
  EXPECT_EQ(Sshd("dev2"), PAM_SUCCESS);
}

// What is not a list that root alone can write opens the gate: an administrator is never locked out by our fault.
TEST_F(ManagedList, WhatCannotBeTrustedIsNoList) {
  const std::string line = "dev1 1001 both\n";
  EXPECT_EQ(Sshd("dev1"), PAM_SUCCESS) << "missing";
  for (const unsigned mode : {0664U, 0646U, 0666U}) {
    world_.WriteManaged(line, mode);
    EXPECT_EQ(Sshd("dev1"), PAM_SUCCESS) << std::oct << mode;
  }
  world_.WriteManaged(line);
  ASSERT_EQ(chown("managed", 65534, 0), 0);
  EXPECT_EQ(Sshd("dev1"), PAM_SUCCESS) << "owned by somebody else";
  world_.RemoveManaged();
  world_.WriteManaged(line + std::string(131'072UL, 'z'));
  EXPECT_EQ(Sshd("dev1"), PAM_SUCCESS) << "too large";
  world_.WriteManaged(line);
  std::filesystem::rename("managed", "elsewhere");
  std::filesystem::create_symlink("elsewhere", "managed");
  EXPECT_EQ(Sshd("dev1"), PAM_SUCCESS) << "a symbolic link";
  world_.RemoveManaged();
  ASSERT_EQ(mkfifo("managed", 0600), 0);
  EXPECT_EQ(Sshd("dev1"), PAM_SUCCESS) << "a FIFO, which must not hang";
  world_.RemoveManaged();
  std::filesystem::create_directory("managed");
  EXPECT_EQ(Sshd("dev1"), PAM_SUCCESS) << "a directory";
}

// `ulimit -n 3; su dev1` must not pass for a missing list: the caller makes this state, so it is denied.
TEST_F(ManagedList, WithoutADescriptorLeftTheGatedServicesDeny) {
  world_.WriteManaged("dev1 1001 both\n");
  world_.WriteService("sshd", world_.AccountStack(), kModuleHere);
  world_.WriteService("cron", world_.AccountStack(), kModuleHere);
  Transaction sshd(world_, "sshd", "dev1");
  Transaction cron(world_, "cron", "dev1");
  EXPECT_EQ(sshd.Direct(kModuleHere, "pam_sm_acct_mgmt"), PAM_PERM_DENIED);
  EXPECT_EQ(cron.Direct(kModuleHere, "pam_sm_acct_mgmt"), PAM_IGNORE);
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit none{0, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  const int gated = sshd.Direct(kModuleHere, "pam_sm_acct_mgmt");
  const int ungated = cron.Direct(kModuleHere, "pam_sm_acct_mgmt");
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_EQ(gated, PAM_PERM_DENIED);
  EXPECT_EQ(ungated, PAM_IGNORE);
  EXPECT_EQ(gate_.Questions(1).size(), 1U) << "nothing was asked without descriptors";
}

}  // namespace
}  // namespace curfew
