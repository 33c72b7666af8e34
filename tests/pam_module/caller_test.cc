// SPDX-License-Identifier: Apache-2.0
// The guest leaves its host as it was: descriptors, errno, signal mask, umask and directory, whatever the answer.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "tests/pam_module/fake_gate.h"
#include "tests/pam_module/pam_world.h"

namespace curfew {
namespace {

std::vector<std::string> OpenDescriptors() {
  std::vector<std::string> open;
  for (int fd = 0; fd < 256; ++fd) {
    std::error_code error;
    const auto target = std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(fd), error);
    if (!error && target.string().find("/fd") == std::string::npos) open.push_back(std::to_string(fd) + target.string());
  }
  return open;
}

struct Surroundings {
  std::vector<std::string> descriptors = OpenDescriptors();
  std::string directory = std::filesystem::current_path();
  sigset_t mask{};
  mode_t creation = umask(027);
  Surroundings() {
    sigprocmask(SIG_SETMASK, nullptr, &mask);
    umask(creation);
  }
  bool operator==(const Surroundings& other) const {
    bool same_mask = true;
    for (int signal = 1; signal < NSIG; ++signal) {
      same_mask = same_mask && sigismember(&mask, signal) == sigismember(&other.mask, signal);
    }
    return same_mask && descriptors == other.descriptors && directory == other.directory && creation == other.creation;
  }
};

class Caller : public testing::TestWithParam<Reply> {
 protected:
  Caller() {
    world_.WriteManaged("dev1 1001 both\n");
    world_.WriteService("sshd", world_.AuthStack() + world_.AccountStack() + world_.SessionStack(), kModuleImpatient);
    world_.WriteService("sudo", world_.AuthStack() + world_.AccountStack() + world_.SessionStack(), kModuleImpatient);
  }

  // All four stages of both kinds of service.
  void RunEveryStage() const {
    for (const char* service : {"sshd", "sudo"}) {
      Transaction transaction(world_, service, "dev1");
      transaction.Authenticate();
      transaction.Account();
      transaction.Open();
      transaction.Close();
    }
  }

  PamWorld world_;
};

// In a child: the gate, in the parent, opens and closes descriptors of its own, and closing 0-2 is for ever.
int InChild(const std::function<int()>& body) {
  const pid_t child = fork();
  if (child == 0) _exit(body());
  int status = 0;
  if (waitpid(child, &status, 0) != child) return -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

TEST_P(Caller, IsLeftAsItWas) {
  const FakeGate gate(GetParam(), "text");
  const int changed = InChild([this] {
    umask(013);
    sigset_t blocked{};
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR2);
    sigprocmask(SIG_BLOCK, &blocked, nullptr);
    RunEveryStage();  // syslog() of libc opens once and stays
    const Surroundings before;
    RunEveryStage();
    const Surroundings after;
    return before == after ? 0 : 1;
  });
  EXPECT_EQ(changed, 0);
}

INSTANTIATE_TEST_SUITE_P(Answers, Caller,
                         testing::Values(Reply::kAllow, Reply::kDeny, Reply::kLong, Reply::kClose, Reply::kSilent),
                         [](const auto& answer) { return "Reply" + std::to_string(static_cast<int>(answer.param)); });

TEST_F(Caller, KeepsErrno) {
  const FakeGate gate(Reply::kDeny, "");
  Transaction sshd(world_, "sshd", "dev1");
  for (const char* entry : {"pam_sm_authenticate", "pam_sm_acct_mgmt", "pam_sm_open_session", "pam_sm_close_session"}) {
    sshd.Direct(kModuleImpatient, entry);
    EXPECT_EQ(errno, ENOTNAM) << entry;
  }
  world_.RemoveManaged();
  sshd.Direct(kModuleImpatient, "pam_sm_acct_mgmt");
  EXPECT_EQ(errno, ENOTNAM) << "no list";
}

TEST_F(Caller, WithItsStandardDescriptorsClosedGetsTheRightAnswer) {
  for (const Reply reply : {Reply::kAllow, Reply::kDeny}) {
    const FakeGate gate(reply, "text");
    const int verdict = InChild([this] {
      for (const int fd : {0, 1, 2}) close(fd);
      Transaction sshd(world_, "sshd", "dev1");
      const int account = sshd.Account();
      for (const int fd : {0, 1, 2}) {
        if (fcntl(fd, F_GETFD) != -1) return 99;
      }
      return account;
    });
    EXPECT_EQ(verdict, reply == Reply::kAllow ? PAM_SUCCESS : PAM_PERM_DENIED);
  }
}

// A gate that hangs up while it is written to, in a process that dies of SIGPIPE.
TEST_F(Caller, IsNotKilledByABrokenSocket) {
  const FakeGate gate(Reply::kClose, "");
  const int verdict = InChild([this] {
    if (signal(SIGPIPE, SIG_DFL) == SIG_ERR) return 98;
    int last = 0;
    for (int i = 0; i < 200; ++i) {
      Transaction sshd(world_, "sshd", "dev1");
      last = sshd.Account();
      if (last != PAM_PERM_DENIED) break;
    }
    return last;
  });
  EXPECT_EQ(verdict, PAM_PERM_DENIED);
}

// Signals in the middle of the wait neither end it early nor restart its time.
TEST_F(Caller, IsAnsweredInAStormOfSignals) {
  const FakeGate gate(Reply::kAllow, "");
  world_.WriteService("sshd", world_.AccountStack(), kModuleHere);
  const int verdict = InChild([this] {
    struct sigaction quiet{};
    quiet.sa_handler = [](int) {};
    sigaction(SIGALRM, &quiet, nullptr);
    const itimerval often{{0, 100}, {0, 100}};
    setitimer(ITIMER_REAL, &often, nullptr);
    for (int i = 0; i < 200; ++i) {
      Transaction sshd(world_, "sshd", "dev1");
      if (sshd.Account() != PAM_SUCCESS) return 1;
    }
    return 0;
  });
  EXPECT_EQ(verdict, 0);
}

TEST_F(Caller, ManyAtOnceEachGetTheirAnswer) {
  FakeGate gate(Reply::kAllow, "");
  world_.WriteService("sshd", world_.AccountStack(), kModuleHere);
  std::vector<pid_t> children;
  for (int i = 0; i < 100; ++i) {
    const pid_t child = fork();
    if (child == 0) {
      Transaction sshd(world_, "sshd", "dev1");
      _exit(sshd.Account() == PAM_SUCCESS ? 0 : 1);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = -1;
    EXPECT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
  }
  EXPECT_EQ(gate.Questions(children.size()).size(), children.size());
}

}  // namespace
}  // namespace curfew
