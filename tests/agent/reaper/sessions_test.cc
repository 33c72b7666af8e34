// SPDX-License-Identifier: Apache-2.0
// Sessions past their deadline end in real cgroups: the whole scope of a login grant, others' processes of a sudo grant,
// nothing outside the account's own slice and nothing before its time.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <ctime>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "tests/agent/reaper/reaper_world.h"

namespace curfew {
namespace {

// A process that waits for its end; `real` and `effective` are its uids before the constructor returns.
class Sleeper {
 public:
  Sleeper(unsigned real, unsigned effective) {
    int ready[2];
    if (pipe2(ready, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    pid_ = fork();
    if (pid_ == 0) {
      if (setresuid(real, effective, effective) != 0 || write(ready[1], "r", 1) != 1) _exit(1);
      for (;;) pause();
    }
    close(ready[1]);
    char byte = 0;
    const ssize_t got = read(ready[0], &byte, 1);
    close(ready[0]);
    if (got != 1) throw std::runtime_error("a process cannot change its uid");
  }
  ~Sleeper() {
    kill(pid_, SIGKILL);
    if (!ended_) waitpid(pid_, nullptr, 0);
  }
  Sleeper(const Sleeper&) = delete;
  Sleeper& operator=(const Sleeper&) = delete;

  // True when it was killed by now; the reaper waits for the deaths that it causes.
  bool WasKilled() {
    int status = 0;
    if (!ended_) ended_ = waitpid(pid_, &status, WNOHANG) == pid_;
    return ended_ && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
  }
  pid_t Pid() const { return pid_; }

 private:
  pid_t pid_ = -1;
  bool ended_ = false;
};

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

  void Put(const std::string& path, const Sleeper& sleeper) {
    std::ofstream procs(world_.Path("sys/fs/cgroup/" + path + "/cgroup.procs"));
    procs << sleeper.Pid();
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

TEST_F(ReaperSessions, BeforeItsTimeNothingEnds) {
  const std::string scope = Slice() + "/session-3.scope";
  Make(scope);
  Sleeper shell(uid_, uid_);
  Put(scope, shell);
  world_.Write(kSessions, Line(3600, scope, uid_, "login"), 0600);
  EXPECT_EQ(world_.Reap(), 0);
  EXPECT_FALSE(shell.WasKilled());
  EXPECT_EQ(world_.Read(kSessions), Line(3600, scope, uid_, "login"));
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
  world_.Write(kSessions, Line(-1, scope, uid_, "sudo"), 0600);
  EXPECT_EQ(world_.Reap(), 0) << world_.Said();
  for (Sleeper* sleeper : {&root, &sudo, &somebody}) EXPECT_TRUE(sleeper->WasKilled());
  for (Sleeper* sleeper : {&monitor, &shell}) EXPECT_FALSE(sleeper->WasKilled());
  EXPECT_EQ(world_.Read("sys/fs/cgroup/" + scope + "/cgroup.freeze"), "0\n") << "thawed again";
  EXPECT_EQ(world_.Read(kSessions), "");
}

TEST_F(ReaperSessions, AScopeThatIsGoneIsOver) {
  world_.Write(kSessions, Line(-1, Slice() + "/session-9.scope", uid_, "login"), 0600);
  EXPECT_EQ(world_.Reap(), 0) << world_.Said();
  EXPECT_EQ(world_.Read(kSessions), "");
}

TEST_F(ReaperSessions, NothingButTheAccountsOwnSessionsIsEnded) {
  const std::string other = "user.slice/user-" + std::to_string(uid_ + 1) + ".slice/session-1.scope";
  const std::string service = Slice() + "/sshd.service";
  const std::string own = Slice() + "/session-4.scope";
  for (const std::string& path : {other, service, own}) Make(path);
  Sleeper stranger(uid_ + 1, uid_ + 1);
  Sleeper daemon(0, 0);
  Sleeper shell(uid_, uid_);
  Put(other, stranger);
  Put(service, daemon);
  Put(own, shell);
  const std::string u = std::to_string(uid_);
  for (const std::string& scope :
       {other, service, Slice(), std::string("user.slice"), std::string("/"), Slice() + "/session-4.scope/..",
        Slice() + "/../user-" + std::to_string(uid_ + 1) + ".slice/session-1.scope", "user.slice//user-" + u + ".slice/session-4.scope",
        Slice() + "/session-.scope", Slice() + "/user@" + std::to_string(uid_ + 1) + ".service", own + "x", "x" + own}) {
    world_.Write(kSessions, Line(-1, scope, uid_, "login"), 0600);
    EXPECT_EQ(world_.Reap(), 1) << scope;
    EXPECT_EQ(world_.Read(kSessions), "") << "no session line: dropped and reported";
  }
  const std::string id = GrantNamed('a');
  for (const std::string& line :
       {Join({"x ", own, " ", u, " ", id, " login\n"}), Join({"-5 ", own, " ", u, " ", id, " login\n"}),
        Join({"1 ", own, " ", u, " g-short login\n"}), Join({"1 ", own, " ", u, "\n"}), Line(-1, own, uid_, "both")}) {
    world_.Write(kSessions, line, 0600);
    EXPECT_EQ(world_.Reap(), 1) << line;
  }
  for (Sleeper* sleeper : {&stranger, &daemon, &shell}) EXPECT_FALSE(sleeper->WasKilled());
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
