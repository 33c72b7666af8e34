// SPDX-License-Identifier: Apache-2.0
// A real control group where logind would make a session's: user.slice/user-UID.slice/session-tN.scope.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "os/cgroup.h"
#include "os/child.h"
#include "os/file_descriptor.h"
#include "pam_module/frame.h"

namespace curfew::test {

class Scope {
 public:
  explicit Scope(unsigned uid);
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;
  ~Scope();

  [[nodiscard]] bool IsReady() const { return ready_; }
  [[nodiscard]] const std::string& Group() const { return group_; }
  /// Runs a shell line as root inside, in the background.
  void Run(const std::string& line);
  /// Runs a shell line inside on a terminal of its own; what is written there is kept for ReadTerminal.
  void RunOnTerminal(const std::string& line);
  [[nodiscard]] std::string ReadTerminal() const;
  /// A root process that waits for a child of `account` running `line`; gives that child's pid.
  [[nodiscard]] pid_t RunSession(const std::string& account, const std::string& line);
  /// A process inside the scope asks the gate; the answer's message, nothing when it was not allowed.
  [[nodiscard]] std::optional<std::string> AskFrom(const std::string& socket, const CurfewQuestion& question) const;
  /// A process inside asks, and is dead (its parent does not know it yet) before anybody reads the question; true when it asked.
  [[nodiscard]] bool AskAndDie(const std::string& socket, const CurfewQuestion& question) const;
  /// A group below, of any name, for what follows.
  void Enter(const std::string& child);
  void Leave();
  /// Where a process of it is written down.
  [[nodiscard]] std::string Procs() const { return Folder() + "/cgroup.procs"; }
  /// The name in logind's files.
  [[nodiscard]] std::string SessionId() const;
  [[nodiscard]] bool IsPopulated() const;
  [[nodiscard]] bool Lives(pid_t pid) const;
  /// How many processes inside have this real uid.
  [[nodiscard]] std::size_t CountOf(uid_t uid) const;

 private:
  [[nodiscard]] std::string Folder() const;
  [[nodiscard]] std::string Join() const { return "echo $$ > " + Folder() + "/cgroup.procs; "; }
  std::optional<CgroupTree> tree_;
  std::string group_;
  std::string below_;
  std::vector<Child> children_;
  FileDescriptor terminal_;
  bool ready_ = false;
};

}  // namespace curfew::test
