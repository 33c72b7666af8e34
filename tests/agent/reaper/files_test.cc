// SPDX-License-Identifier: Apache-2.0
// Rules and keys past their deadline go, those before it stay to the byte, and what cannot be read is past its deadline.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/agent/reaper/reaper_world.h"

namespace curfew {
namespace {

constexpr const char* kHead = "# Written by curfew-enforcer. What is changed here is put back.\n";
const std::string kRule = "#1001 ALL=(root) NOTAFTER=20990101000000Z NOPASSWD: ALL";
const std::string kKey = "restrict,pty,expiry-time=\"20990101000000Z\" ssh-ed25519 AAAA";

TEST(ReaperFiles, RemovesWhatIsPastAndKeepsTheRest) {
  ReaperWorld world;
  const std::string live = Block('b', 3600, kRule + "\n" + kRule);
  world.Write(kGrants, kHead + Block('a', -1, kRule) + live + Block('c', -90000, kRule), 0440);
  world.Write(kDevKeys, Block('a', -1, kKey) + Block('d', 60, kKey), 0644);
  world.Write("run/curfew/keys/dev2", Block('e', 0, kKey), 0644);
  EXPECT_EQ(world.Reap(), 0) << world.Said();
  EXPECT_EQ(world.Read(kGrants), kHead + live);
  EXPECT_EQ(world.Mode(kGrants), 0440U);
  EXPECT_EQ(world.Read(kDevKeys), Block('d', 60, kKey));
  EXPECT_EQ(world.Mode(kDevKeys), 0644U);
  EXPECT_EQ(world.Read("run/curfew/keys/dev2"), "") << "the deadline itself is past";
  EXPECT_EQ(world.Said(), "");
  EXPECT_EQ(world.ReapAll(), 0) << world.Said();
  EXPECT_EQ(world.Read(kGrants), kHead);
  EXPECT_EQ(world.Read(kDevKeys), "");
}

TEST(ReaperFiles, LeavesAloneWhatIsWhole) {
  ReaperWorld world;
  world.Write(kGrants, kHead + Block('b', 3600, kRule), 0440);
  const auto before = std::filesystem::last_write_time(world.Path(kGrants));
  EXPECT_EQ(world.Reap(), 0);
  EXPECT_EQ(std::filesystem::last_write_time(world.Path(kGrants)), before) << "not even rewritten";
}

TEST(ReaperFiles, WhatCannotBeReadIsPast) {
  const std::string id = GrantNamed('a');
  const std::string ends[] = {id + " until 2099-02-30T00:00:00Z",  id + " until 2099-01-01T00:00:00",
                              id + " until 2099-01-01 00:00:00Z",  id + " until 2099-1-1T00:00:00Z",
                              id + " until 2099-01-01T24:00:00Z",  id + " until 2099-01-01T00:00:00Z ",
                              id + " until +2099-01-01T00:00:00Z", id + " until 99999-01-01T00:00:00Z",
                              id + "  until 2099-01-01T00:00:00Z", id + " until",
                              GrantNamed('A') + " until 2099-01-01T00:00:00Z",
                              "g-short until 2099-01-01T00:00:00Z", id, ""};
  for (const std::string& end : ends) {
    ReaperWorld world;
    world.Write(kGrants, Join({"# curfew ", end, "\n", kRule, "\n", Block('b', 60, kRule)}), 0440);
    EXPECT_EQ(world.Reap(), 0);
    EXPECT_EQ(world.Read(kGrants), Block('b', 60, kRule)) << end;
  }
  ReaperWorld world;
  const std::string good = Join({"# curfew ", id, " until 2099-01-01T00:00:00Z\n", kRule, "\n"});
  world.Write(kGrants, good, 0440);
  EXPECT_EQ(world.Reap(), 0);
  EXPECT_EQ(world.Read(kGrants), good);
}

// "#1001 ALL=…" is a comment to the eye and a rule to sudo.
TEST(ReaperFiles, AccessUnderNoHeaderGoes) {
  ReaperWorld world;
  world.Write(kGrants, kHead + kRule + "\n%sudo ALL=(ALL) ALL\nDefaults !authenticate\n\n#\n" + Block('b', 60, kRule), 0440);
  world.Write(kDevKeys, kKey + "\n", 0644);
  EXPECT_EQ(world.Reap(), 0);
  EXPECT_EQ(world.Read(kGrants), kHead + std::string("\n#\n") + Block('b', 60, kRule));
  EXPECT_EQ(world.Read(kDevKeys), "");
}

TEST(ReaperFiles, ALastLineWithoutItsEndGoesWithItsBlock) {
  ReaperWorld world;
  const std::string past = Block('a', -1, kRule);
  world.Write(kGrants, Block('b', 60, kRule) + past.substr(0, past.size() - 1), 0440);
  EXPECT_EQ(world.Reap(), 0);
  EXPECT_EQ(world.Read(kGrants), Block('b', 60, kRule));
}

TEST(ReaperFiles, TheEnforcersUnfinishedFilesAreItsOwn) {
  ReaperWorld world;
  world.Write("run/curfew/sudoers.d/.grants.new", kRule + "\n", 0440);
  world.Write("run/curfew/sudoers.d/.new.reaper", "left by a killed run", 0600);
  world.Write(kGrants, Block('a', -1, kRule), 0440);
  EXPECT_EQ(world.Reap(), 0);
  EXPECT_EQ(world.Read("run/curfew/sudoers.d/.grants.new"), kRule + "\n");
  EXPECT_EQ(world.Read("run/curfew/sudoers.d/.new.reaper"), "(none)");
  EXPECT_EQ(world.Read(kGrants), "");
}

TEST(ReaperFiles, AHeldLockDoesNotHoldUpAnEnd) {
  ReaperWorld world;
  world.Write(kGrants, Block('a', -1, kRule), 0440);
  const int lock = open(world.Path("var/lib/curfew/lock").c_str(), O_RDONLY | O_CLOEXEC);
  ASSERT_EQ(flock(lock, LOCK_EX), 0);
  EXPECT_EQ(world.Reap(), 0);
  EXPECT_EQ(world.Read(kGrants), "");
  close(lock);
}

// Stopped half-way it could leave a session frozen. It is caught where it waits: for the lock that we hold.
TEST(ReaperFiles, AStopDoesNotStopItHalfWay) {
  ReaperWorld world;
  world.Write(kGrants, Block('a', -1, kRule), 0440);
  const int lock = open(world.Path("var/lib/curfew/lock").c_str(), O_RDONLY | O_CLOEXEC);
  ASSERT_EQ(flock(lock, LOCK_EX), 0);
  const pid_t reaper = world.Start();
  const std::string waits = Join({"-> FLOCK  ADVISORY  WRITE ", std::to_string(reaper), " "});
  siginfo_t ended{};
  for (std::string locks; locks.find(waits) == std::string::npos && ended.si_pid == 0;) {
    ASSERT_EQ(waitid(P_PID, static_cast<id_t>(reaper), &ended, WEXITED | WNOHANG | WNOWAIT), 0);
    std::ifstream file("/proc/locks");
    locks.assign(std::istreambuf_iterator<char>(file), {});
  }
  ASSERT_EQ(kill(reaper, SIGTERM), 0);
  EXPECT_EQ(world.Finish(reaper), 0);
  EXPECT_EQ(world.Read(kGrants), "");
  close(lock);
}

TEST(ReaperFiles, AHostWithoutCurfewIsNoFailure) {
  ReaperWorld world;
  std::filesystem::remove_all(world.Path("run"));
  std::filesystem::remove_all(world.Path("var"));
  EXPECT_EQ(world.Reap(), 0) << world.Said();
}

}  // namespace
}  // namespace curfew
