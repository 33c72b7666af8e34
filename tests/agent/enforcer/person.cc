// SPDX-License-Identifier: Apache-2.0
// The login is set before anything else, as pam_loginuid does; each process says over a pipe that it is what it should be.
#include "tests/agent/enforcer/person.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "os/process.h"

namespace curfew::test {
namespace {

[[noreturn]] void SayAndWait(int pipe) {
  const pid_t self = ::getpid();
  if (::write(pipe, &self, sizeof self) != sizeof self) ::_exit(1);
  for (;;) ::pause();
}

bool Put(const std::string& path, const std::string& text) {
  std::ofstream file(path);
  file << text;
  return file.flush().good();
}

[[noreturn]] void BecomePerson(uid_t uid, const std::string& procs, Person::Raises raises, int pipe) {
  if (!procs.empty() && !Put(procs, "0")) ::_exit(1);
  if (!Put("/proc/self/loginuid", std::to_string(uid))) ::_exit(1);
  // Pids arrive in order: each writes before it forks the next, but for the last, which needs its uid's parent first.
  const pid_t self = ::getpid();
  if (::write(pipe, &self, sizeof self) != sizeof self) ::_exit(1);
  if (::fork() != 0) {
    for (;;) ::pause();
  }
  const pid_t own = ::getpid();
  if (::write(pipe, &own, sizeof own) != sizeof own) ::_exit(1);
  if (::fork() == 0) {
    if (raises == Person::Raises::kSudo && ::setresuid(uid, 0, 0) != 0) ::_exit(1);
    SayAndWait(pipe);
  }
  if (::setresuid(uid, uid, uid) != 0) ::_exit(1);
  SayAndWait(pipe);
}

}  // namespace

Person::Person(uid_t uid, const std::string& procs, Raises raises) : uid_(uid) {
  int pipe[2];
  if (::pipe(pipe) != 0) return;
  const pid_t child = ::fork();
  if (child == 0) BecomePerson(uid, procs, raises, pipe[1]);
  ::close(pipe[1]);
  pid_t said[4] = {0, 0, 0, 0};
  for (pid_t& pid : said) {
    if (::read(pipe[0], &pid, sizeof pid) != sizeof pid) ADD_FAILURE() << "a process cannot become uid " << uid << "; needs root and audit";
  }
  ::close(pipe[0]);
  pids_[0] = said[0];
  pids_[1] = said[1];
  pids_[2] = said[2] == said[1] ? said[3] : said[2];
}

pid_t Person::Contained() {
  int pipe[2];
  if (::pipe(pipe) != 0) return 0;
  const pid_t outside = ::fork();
  if (outside == 0) {
    if (!Put("/proc/self/loginuid", std::to_string(uid_)) || ::unshare(CLONE_NEWPID) != 0) ::_exit(1);
    const pid_t inside = ::fork();
    if (inside == 0) {
      for (;;) ::pause();
    }
    if (::write(pipe[1], &inside, sizeof inside) != sizeof inside) ::_exit(1);
    ::waitpid(inside, nullptr, 0);
    ::_exit(0);
  }
  ::close(pipe[1]);
  if (::read(pipe[0], &contained_, sizeof contained_) != sizeof contained_) ADD_FAILURE() << "needs root and process namespaces";
  ::close(pipe[0]);
  return contained_;
}

Person::~Person() {
  if (contained_ > 0) ::kill(contained_, SIGKILL);
  for (const pid_t pid : {pids_[2], pids_[1], pids_[0]}) {
    if (pid > 0) ::kill(pid, SIGKILL);
  }
  if (pids_[0] > 0) ::waitpid(pids_[0], nullptr, 0);
}

bool Person::Lives(pid_t pid) { return ReadProcess(pid).has_value(); }

bool Person::AwaitDeath(pid_t pid) {
  const int pidfd = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
  pollfd ended{pidfd, POLLIN, 0};
  const bool gone = pidfd < 0 || ::poll(&ended, 1, 10000) > 0;
  if (pidfd >= 0) ::close(pidfd);
  return gone;
}

}  // namespace curfew::test
