// SPDX-License-Identifier: Apache-2.0
// See sleeper.h. Needs root, and a kernel that keeps logins.
#include "tests/agent/reaper/sleeper.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>

namespace curfew {

namespace {

void SetLogin(unsigned login) {
  std::ofstream file("/proc/self/loginuid");
  if (!(file << login).flush()) _exit(1);
}

// The caller goes on as the child.
void HaveChild() {
  const pid_t child = fork();
  if (child == 0) return;
  waitpid(child, nullptr, 0);
  _exit(0);
}

[[noreturn]] void Sleep(int ready, unsigned real, unsigned effective) {
  const pid_t self = getpid();
  if (setresuid(real, effective, effective) != 0 || write(ready, &self, sizeof self) != sizeof self) _exit(1);
  for (;;) pause();
}

}  // namespace

Sleeper::Sleeper(unsigned real, unsigned effective, unsigned login) {
  int ready[2];
  if (pipe2(ready, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  child_ = fork();
  if (child_ == 0) {
    SetLogin(login);
    if (login != kNoLogin) HaveChild();
    Sleep(ready[1], real, effective);
  }
  Await(ready);
}

Sleeper::Sleeper(const std::string& daemon, unsigned login) {
  int ready[2];
  if (pipe2(ready, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  child_ = fork();
  if (child_ == 0) {
    SetLogin(kNoLogin);
    prctl(PR_SET_NAME, daemon.c_str());
    HaveChild();
    prctl(PR_SET_NAME, "child");
    SetLogin(login);
    Sleep(ready[1], login, login);
  }
  Await(ready);
}

void Sleeper::Await(const int (&ready)[2]) {
  close(ready[1]);
  const ssize_t got = read(ready[0], &pid_, sizeof pid_);
  close(ready[0]);
  if (got != sizeof pid_) throw std::runtime_error("a process cannot change its uid, or its login");
}

Sleeper::~Sleeper() {
  kill(pid_, SIGKILL);
  waitpid(child_, nullptr, 0);
}

bool Sleeper::WasKilled() const {
  std::ifstream file("/proc/" + std::to_string(pid_) + "/status");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("State:")) return line.find('Z') != std::string::npos || line.find('X') != std::string::npos;
  }
  return true;
}

std::uint64_t Sleeper::StartOf(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string text;
  std::getline(file, text);
  std::istringstream fields(text.substr(text.rfind(')') + 2));
  std::uint64_t started = 0;
  std::string field;
  for (int number = 3; number < 22; ++number) fields >> field;
  fields >> started;
  return started;
}

}  // namespace curfew
