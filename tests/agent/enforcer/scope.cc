// SPDX-License-Identifier: Apache-2.0
// Processes enter by themselves, before they do anything else; what is started is awaited in cgroup.procs.
#include "tests/agent/enforcer/scope.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "os/process.h"
#include "os/users.h"
#include "tests/agent/enforcer/wire.h"

namespace curfew::test {
namespace {

// As many as were there, and some more: a shell becomes sleep, and sleeps are what the tests look for.
template <class Condition>
void Until(const Condition& condition) {
  for (int i = 0; i < 100000 && !condition(); ++i) std::this_thread::yield();
}

}  // namespace

Scope::Scope(unsigned uid) {
  auto tree = CgroupTree::Find();
  if (!tree) return;
  tree_ = *std::move(tree);
  static int number = 0;
  const std::string events = tree_->EventsPath("");
  const std::string root = events.substr(0, events.rfind("//"));
  for (const std::string& part : {std::string("user.slice"), "user-" + std::to_string(uid) + ".slice",
                                  "session-t" + std::to_string(::getpid()) + "x" + std::to_string(++number) + ".scope"}) {
    group_ += (group_.empty() ? "" : "/") + part;
    ::mkdir((root + "/" + group_).c_str(), 0755);
  }
  ready_ = tree_->Exists(group_);
}

Scope::~Scope() {
  if (!ready_) return;
  static_cast<void>(tree_->Kill(group_));
  children_.clear();
  Until([&] { return !IsPopulated(); });
  for (std::string path = Folder(); path.find("user.slice") != std::string::npos; path.resize(path.rfind('/'))) ::rmdir(path.c_str());
}

std::string Scope::Folder() const {
  const std::string events = tree_->EventsPath(group_ + below_);
  return events.substr(0, events.rfind('/'));
}

void Scope::Run(const std::string& line) {
  const auto before = tree_->Processes(group_)->size();
  auto child = Child::Start({"/bin/sh", "-c", Join() + line});
  if (child) children_.push_back(*std::move(child));
  Until([&] { return tree_->Processes(group_)->size() > before; });
}

void Scope::RunOnTerminal(const std::string& line) {
  terminal_ = FileDescriptor(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK));
  if (::grantpt(terminal_.Get()) != 0 || ::unlockpt(terminal_.Get()) != 0) return;
  std::string name(64, '\0');
  if (::ptsname_r(terminal_.Get(), name.data(), name.size()) != 0) return;
  // The shell leads a session (SETSID of Child), so the terminal it opens becomes its own.
  Run("exec " + line + " <" + name.c_str());
  Until([&] {
    const auto inside = tree_->Processes(group_);
    return std::any_of(inside->begin(), inside->end(), [](pid_t pid) {
      const auto process = ReadProcess(pid);
      return process && process->terminal != 0;
    });
  });
}

std::string Scope::ReadTerminal() const {
  std::string text(4096, '\0');
  const ssize_t got = ::read(terminal_.Get(), text.data(), text.size());
  text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return text;
}

pid_t Scope::RunSession(const std::string& account, const std::string& line) {
  const std::string uid = std::to_string(LookUpUser(account).value().value());
  auto child = Child::Start({"/bin/sh", "-c", Join() + "setpriv --reuid=" + uid + " --clear-groups " + line + " & wait"});
  if (!child) return 0;
  children_.push_back(*std::move(child));
  pid_t found = 0;
  Until([&] {
    const auto inside = tree_->Processes(group_);
    for (const pid_t pid : *inside) {
      const auto process = ReadProcess(pid);
      if (process && std::to_string(process->real) == uid) found = pid;
    }
    return found != 0;
  });
  return found;
}

std::optional<std::string> Scope::AskFrom(const std::string& socket, const CurfewQuestion& question) const {
  int pipe[2];
  if (::pipe(pipe) != 0) return std::nullopt;
  const pid_t pid = ::fork();
  if (pid == 0) {
    std::ofstream(Folder() + "/cgroup.procs") << "0";
    const auto answer = AskGate(socket, question);
    if (!answer || answer->verdict != kCurfewAllow) ::_exit(0);
    const std::string message = "!" + std::string(answer->message);
    ::_exit(::write(pipe[1], message.data(), message.size()) > 0 ? 0 : 1);
  }
  ::close(pipe[1]);
  std::string message(sizeof(CurfewAnswer), '\0');
  const ssize_t got = ::read(pipe[0], message.data(), message.size());
  ::close(pipe[0]);
  ::waitpid(pid, nullptr, 0);
  if (got <= 0) return std::nullopt;
  return message.substr(1, static_cast<std::size_t>(got) - 1);
}

bool Scope::AskAndDie(const std::string& socket, const CurfewQuestion& question) const {
  const pid_t pid = ::fork();
  if (pid == 0) {
    std::ofstream(Folder() + "/cgroup.procs") << "0";
    const FileDescriptor gate = ConnectGate(socket);
    const bool sent = gate.IsOpen() && ::send(gate.Get(), &question, sizeof question, MSG_NOSIGNAL) == static_cast<ssize_t>(sizeof question);
    ::_exit(sent ? 0 : 1);
  }
  siginfo_t end{};
  return ::waitid(P_PID, static_cast<id_t>(pid), &end, WEXITED | WNOWAIT) == 0 && end.si_status == 0;
}

void Scope::Enter(const std::string& child) {
  below_ += "/" + child;
  ::mkdir(Folder().c_str(), 0755);
}

void Scope::Leave() { below_.resize(below_.rfind('/')); }

std::string Scope::SessionId() const {
  const std::size_t start = group_.rfind("/session-") + 9;
  return group_.substr(start, group_.rfind(".scope") - start);
}

bool Scope::IsPopulated() const {
  const auto events = tree_->Events(group_);
  return events && events->populated;
}

bool Scope::Lives(pid_t pid) const {
  const auto inside = tree_->Processes(group_);
  return inside && std::find(inside->begin(), inside->end(), pid) != inside->end();
}

std::size_t Scope::CountOf(uid_t uid) const {
  const auto inside = tree_->Processes(group_);
  if (!inside) return 0;
  return static_cast<std::size_t>(std::count_if(inside->begin(), inside->end(), [&](pid_t pid) {
    const auto process = ReadProcess(pid);
    return process && process->real == uid;
  }));
}

}  // namespace curfew::test
