// SPDX-License-Identifier: Apache-2.0
// The guest leaves its host as it was: descriptors, errno, signal mask, umask and directory, whatever the answer.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>

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

// A field of /proc/<pid>/status, or nothing.
std::string StatusOf(pid_t process, const std::string& field) {
  std::ifstream file("/proc/" + std::to_string(process) + "/status");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(field + ":\t")) return line.substr(field.size() + 2);
  }
  return "";
}

// A signal in the middle of the wait does not end it.
TEST_F(Caller, IsAnsweredAfterASignal) {
  FakeGate gate(Reply::kAllowReleased, "");
  world_.WriteService("sshd", world_.AccountStack(), kModuleHere);
  const pid_t child = fork();
  if (child == 0) {
    struct sigaction quiet {};
    quiet.sa_handler = [](int) {};
    sigaction(SIGUSR1, &quiet, nullptr);
    Transaction sshd(world_, "sshd", "dev1");
    _exit(sshd.Account());
  }
  ASSERT_EQ(gate.Questions(1).size(), 1U);
  while (!StatusOf(child, "State").starts_with("S")) sched_yield();  // it sleeps only where it waits for the answer
  ASSERT_EQ(kill(child, SIGUSR1), 0);
  while (StatusOf(child, "ShdPnd").find_first_not_of('0') != std::string::npos) sched_yield();
  gate.Release();
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
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
