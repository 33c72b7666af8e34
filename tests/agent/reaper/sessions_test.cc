// SPDX-License-Identifier: Apache-2.0
// Sessions past their deadline end in real cgroups: the whole scope of a login grant, others' processes of a sudo grant, what
// either left elsewhere; nothing of anybody else, and nothing before its time.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <tuple>

#include "tests/agent/reaper/reaper_world.h"
#include "tests/agent/reaper/sleeper.h"
#include "tests/agent/session_lines.h"

namespace curfew {
namespace {

// Real cgroups under the reaper's root, in a mount namespace of the test process. A uid of its own keeps tests apart.
class ReaperSessions : public testing::Test {
 protected:
  ReaperSessions() {
    const std::string mount_point = world_.Path("sys/fs/cgroup");
    std::filesystem::create_directories(mount_point);
    if (unshare(CLONE_NEWNS) != 0 || mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        mount("none", mount_point.c_str(), "cgroup2", 0, nullptr) != 0) {
      throw std::runtime_error("cannot mount cgroup2: the sessions' tests need root and cgroup v2");
    }
  }

  ~ReaperSessions() override {
    for (auto made = made_.rbegin(); made != made_.rend(); ++made) rmdir(made->c_str());
    umount2(world_.Path("sys/fs/cgroup").c_str(), MNT_DETACH);
  }

  std::string Slice() const { return "user.slice/user-" + std::to_string(uid_) + ".slice"; }

  // Makes the cgroup `path`, with what is above it.
  void Make(const std::string& path) {
    for (size_t at = path.find('/'); at != std::string::npos; at = path.find('/', at + 1)) MakeOne(path.substr(0, at));
    MakeOne(path);
  }

  void Put(const std::string& path, const Sleeper& sleeper) { Put(path, sleeper.Pid()); }
  void Put(const std::string& path, pid_t pid) {
    std::ofstream procs(world_.Path("sys/fs/cgroup/" + path + "/cgroup.procs"));
    procs << pid;
    if (!procs.flush()) throw std::runtime_error("cannot move a process to " + path);
  }

  std::string Line(int seconds, const std::string& scope, unsigned uid, const char* kind) const {
    return Join({std::to_string(Begun() + seconds), " ", scope, " ", std::to_string(uid), " ", GrantNamed('a'), " ",
                 kind, "\n"});
  }

  ReaperWorld world_;
  const unsigned uid_ = 700'000 + static_cast<unsigned>(getpid());

 private:
  void MakeOne(const std::string& path) {
    const std::string whole = world_.Path("sys/fs/cgroup/" + path);
    if (std::filesystem::create_directory(whole)) made_.push_back(whole);
  }

  std::vector<std::string> made_;
};

TEST_F(ReaperSessions, EndsAllOfALoginGrantsScope) {
  const std::string scope = Slice() + "/session-c12.scope";
  const std::string manager = Slice() + "/user@" + std::to_string(uid_) + ".service";
  Make(scope + "/nested");
  Make(manager);
  Sleeper monitor(0, 0);
  Sleeper shell(uid_, uid_);
  Sleeper deep(uid_, uid_);
  Sleeper lingering(uid_, uid_);
  Put(scope, monitor);
  Put(scope, shell);
  Put(scope + "/nested", deep);
  Put(manager, lingering);
  world_.Write(kSessions, Line(-1, scope, uid_, "login") + Line(0, manager, uid_, "login"), 0600);
  EXPECT_EQ(world_.Reap(), 0) << world_.Said();
  for (Sleeper* sleeper : {&monitor, &shell, &deep, &lingering}) EXPECT_TRUE(sleeper->WasKilled());
  EXPECT_EQ(world_.Read(kSessions), "") << "a session that is over leaves the list";
  EXPECT_EQ(world_.Mode(kSessions), 0600U);
}

TEST_F(ReaperSessions, BeforeItsTimeNothingEndsUnlessAllIsAskedFor) {
  const std::string scope = Slice() + "/session-3.scope";
  Make(scope);
  Sleeper shell(uid_, uid_);
  Put(scope, shell);
  world_.Write(kSessions, Line(3600, scope, uid_, "login"), 0600);
  EXPECT_EQ(world_.Reap(), 0);
  EXPECT_FALSE(shell.WasKilled());
  EXPECT_EQ(world_.Read(kSessions), Line(3600, scope, uid_, "login"));
  EXPECT_EQ(world_.ReapAll(), 0) << world_.Said();
  EXPECT_TRUE(shell.WasKilled());
  EXPECT_EQ(world_.Read(kSessions), "");
}

// sshd's monitor runs as root in the scope and is the connection, which a sudo grant does not own.
TEST_F(ReaperSessions, OfASudoGrantOnlyOthersProcessesEnd) {
  const std::string scope = Slice() + "/session-7.scope";
  Make(scope);
  Sleeper monitor(0, 0);
  Sleeper shell(uid_, uid_);
  Sleeper root(0, 0);
  Sleeper sudo(uid_, 0);
  Sleeper somebody(uid_ + 1, uid_ + 1);
  for (const Sleeper* sleeper : {&monitor, &shell, &root, &sudo, &somebody}) Put(scope, *sleeper);
  world_.Write("run/systemd/sessions/7", "# private\nUID=1\nLEADER=" + std::to_string(monitor.Pid()) + "\nTTY=pts/0\n", 0644);
  // As logind does: a FIFO beside it, which whoever is logged in keeps open.
  const std::string held = world_.Path("run/systemd/sessions/7.ref");
  ASSERT_EQ(mkfifo(held.c_str(), 0600), 0);
  const int writer = open(held.c_str(), O_RDWR | O_CLOEXEC);
  ASSERT_GE(writer, 0);
  world_.Write(kSessions, Line(-1, scope, uid_, "sudo"), 0600);
  EXPECT_EQ(world_.Reap(), 0) << world_.Said();
  close(writer);
  for (Sleeper* sleeper : {&root, &sudo, &somebody}) EXPECT_TRUE(sleeper->WasKilled());
  for (Sleeper* sleeper : {&monitor, &shell}) EXPECT_FALSE(sleeper->WasKilled());
  EXPECT_EQ(world_.Read(kSessions), "");
}

TEST_F(ReaperSessions, AScopeThatIsGoneIsOver) {
  world_.Write(kSessions, Line(-1, Slice() + "/session-9.scope", uid_, "login"), 0600);
  EXPECT_EQ(world_.Reap(), 0) << world_.Said();
  EXPECT_EQ(world_.Read(kSessions), "");
}

// The line for an account: what its sudo left in any group ends, by the login that it came from.
TEST_F(ReaperSessions, WhatSudoLeftAnywhereEndsWithTheAccountsLine) {
  const std::string cron = "system.slice/cron-" + std::to_string(uid_) + ".service";
  Make(cron);
  Make(cron + "/a b");
  Sleeper root(0, 0, uid_);
  Sleeper sudo(uid_, 0, uid_);
  Sleeper somebody(uid_ + 1, uid_ + 1, uid_);
  Sleeper job(uid_, uid_, uid_);
  Sleeper other(0, 0, uid_ + 1);
  Sleeper daemon(0, 0);
  for (const Sleeper* sleeper : {&root, &job, &other, &daemon}) Put(cron, *sleeper);
  Put(cron + "/a b", sudo);
  world_.Write(kSessions, Line(3600, Slice(), uid_, "sudo"), 0600);
  EXPECT_EQ(world_.Reap(), 0) << world_.Said();
  EXPECT_FALSE(sudo.WasKilled()) << "before its time";
  world_.Write(kSessions, Line(-1, Slice(), uid_, "sudo"), 0600);
  EXPECT_EQ(world_.Reap(), 0) << world_.Said();
  for (Sleeper* sleeper : {&root, &sudo, &somebody}) EXPECT_TRUE(sleeper->WasKilled());
  for (Sleeper* sleeper : {&job, &other, &daemon}) EXPECT_FALSE(sleeper->WasKilled());
  EXPECT_EQ(world_.Read(kSessions), "");
}

// su in another person's session, or a host without logind, whose logins are all in sshd's own group.
TEST_F(ReaperSessions, InAGroupThatIsNotItsOwnOnlyTheAccountsProcessesEnd) {
  const std::string other = "user.slice/user-" + std::to_string(uid_ + 1) + ".slice/session-1.scope";
  const std::string service = "system.slice/ssh-" + std::to_string(uid_) + ".service";
  for (const std::string& path : {other, service}) {
    Make(path + "/below");
    Sleeper stranger(uid_ + 1, uid_ + 1);
    Sleeper daemon(0, 0);
    Sleeper shell(uid_, uid_);
    Sleeper deep(uid_, uid_);
    for (const Sleeper* sleeper : {&stranger, &daemon, &shell}) Put(path, *sleeper);
    Put(path + "/below", deep);
    world_.Write(kSessions, Line(-1, path, uid_, "login"), 0600);
    EXPECT_EQ(world_.Reap(), 0) << world_.Said();
    for (Sleeper* sleeper : {&stranger, &daemon}) EXPECT_FALSE(sleeper->WasKilled()) << path;
    for (Sleeper* sleeper : {&shell, &deep}) EXPECT_TRUE(sleeper->WasKilled()) << path;
    EXPECT_EQ(world_.Read(kSessions), "");
  }
}

// A service, whose processes nobody logged in for.
TEST_F(ReaperSessions, WhereNobodyLoggedInWhatBeganSinceSudoWasAskedForEnds) {
  const std::string service = "system.slice/ci-" + std::to_string(uid_) + ".service";
  Make(service);
  Sleeper before(0, 0);
  // Starts are counted in hundredths of a second.
  const Sleeper mark(0, 0);
  while (Sleeper(0, 0).Started() <= mark.Started()) {}
  Sleeper root(0, 0);
  Sleeper job(uid_, uid_);
  Sleeper others(0, 0, uid_ + 1);
  for (const Sleeper* sleeper : {&before, &root, &job, &others}) Put(service, *sleeper);
  const std::string line = Line(-1, service, uid_, "sudo");
  const std::string since = line.substr(0, line.size() - 1) + " " + std::to_string(root.Started()) + "\n";
  world_.Write(kSessions, since, 0600);
  EXPECT_EQ(world_.Reap(), 1);
  EXPECT_TRUE(root.WasKilled());
  for (Sleeper* sleeper : {&before, &job, &others}) EXPECT_FALSE(sleeper->WasKilled());
  EXPECT_EQ(world_.Read(kSessions), since) << "another's login may be sudo's as well: the line stays";
}

// What a service for several accounts starts later is its own; the orphan of sudo ends.
TEST_F(ReaperSessions, OfAServiceForSeveralAccountsSudosOrphanEndsAndTheServicesOwnDoesNot) {
  const std::string service = "system.slice/shared-" + std::to_string(uid_) + ".service";
  Make(service);
  auto worker = std::make_unique<Sleeper>("runner", Sleeper::kNoLogin);
  // Starts are counted in hundredths of a second.
  while (worker->ParentStarted() >= worker->Started()) worker = std::make_unique<Sleeper>("runner", Sleeper::kNoLogin);
  Sleeper orphan(0, 0);
  for (const pid_t pid : {worker->Parent(), worker->Pid(), orphan.Pid()}) Put(service, pid);
  const std::string line = Line(-1, service, uid_, "sudo");
  world_.Write(kSessions, line.substr(0, line.size() - 1) + " " + std::to_string(worker->Started()) + "\n", 0600);
  EXPECT_EQ(world_.Reap(), 0) << world_.Said();
  EXPECT_FALSE(worker->WasKilled());
  EXPECT_TRUE(orphan.WasKilled());
  EXPECT_EQ(world_.Read(kSessions), "");
}

// sshd's own group without pam_systemd, cron's, or one in which the book knows of a login: a connection that is not let in yet
// carries no login either.
TEST_F(ReaperSessions, WherePeopleLogInNothingIsTakenForSudosBecauseItCarriesNoLogin) {
  const std::string service = "system.slice/in-" + std::to_string(uid_) + ".service";
  Make(service);
  std::string stays = Line(-1, service, uid_, "sudo");
  stays.insert(stays.size() - 1, " 1");
  for (const auto& [daemon, login, line] : {std::tuple("crond", uid_ + 1, stays), std::tuple("sshd", Sleeper::kNoLogin, stays),
                                            std::tuple("x", Sleeper::kNoLogin, stays + Line(3600, service, uid_ + 2, "login"))}) {
    Sleeper inside(daemon, login);
    Sleeper nobodys(0, 0);
    Put(service, inside);
    Put(service, inside.Parent());
    Put(service, nobodys);
    world_.Write(kSessions, line, 0600);
    EXPECT_EQ(world_.Reap(), 1) << daemon;
    for (Sleeper* sleeper : {&inside, &nobodys}) EXPECT_FALSE(sleeper->WasKilled()) << daemon;
    EXPECT_EQ(world_.Read(kSessions), line) << "said at each run";
  }
}

// A line that cannot be done with holds up no other, and what is over is off the list at once.
TEST_F(ReaperSessions, LinesThatAreOverLeaveTheListThoughAnotherStays) {
  const std::string service = "system.slice/ci-" + std::to_string(uid_) + ".service";
  const std::string scope = Slice() + "/session-8.scope";
  Make(service);
  Make(scope);
  Sleeper others(0, 0, uid_ + 1);
  Sleeper root(0, 0);
  Put(service, others);
  Put(scope, root);
  std::string stays = Line(-1, service, uid_, "sudo");
  stays.insert(stays.size() - 1, " 1");
  world_.Write(kSessions, stays + Line(-1, scope, uid_, "sudo") + Line(-1, Slice() + "/session-9.scope", uid_, "login"), 0600);
  EXPECT_EQ(world_.Reap(), 1);
  EXPECT_TRUE(root.WasKilled());
  EXPECT_EQ(world_.Read(kSessions), stays);
}

TEST_F(ReaperSessions, ReadsWhatTheEnforcerWritesAndDropsTheRest) {
  std::string good;
  std::string bad;
  std::ptrdiff_t bad_lines = 0;
  for (const auto& [line, readable] : test::SessionLineTable()) {
    (readable ? good : bad).append(line).append("\n");
    bad_lines += readable ? 0 : 1;
  }
  world_.Write(kSessions, good, 0600);
  EXPECT_EQ(world_.Reap(), 0) << world_.Said();
  EXPECT_EQ(world_.Said(), "");
  const std::string later = Line(3600, Slice() + "/session-4.scope", uid_, "login") + Line(3600, "system.slice/cron.service", uid_, "sudo");
  world_.Write(kSessions, bad + later, 0600);
  EXPECT_EQ(world_.Reap(), 1);
  EXPECT_EQ(world_.Read(kSessions), later) << "what can be read stays until its deadline";
  const std::string said = world_.Said();
  EXPECT_EQ(std::count(said.begin(), said.end(), '\n'), bad_lines) << said;
}

TEST_F(ReaperSessions, AListThatIsNotRootsIsNotObeyed) {
  const std::string scope = Slice() + "/session-5.scope";
  Make(scope);
  Sleeper shell(uid_, uid_);
  Put(scope, shell);
  world_.Write(kSessions, Line(-1, scope, uid_, "login"), 0666);
  EXPECT_EQ(world_.Reap(), 1);
  EXPECT_FALSE(shell.WasKilled());
}

}  // namespace
}  // namespace curfew
