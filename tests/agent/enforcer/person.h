// SPDX-License-Identifier: Apache-2.0
// Somebody who is logged in, as the kernel sees it (pam_loginuid): three real processes, each the parent of the next.
#pragma once

#include <sys/types.h>

#include <string>

namespace curfew::test {

class Person {
 public:
  enum class Raises { kRoot, kSudo };
  /// All three are in the test's own control group, unless `procs` names another's cgroup.procs. kSudo: the raised one keeps the
  /// account as its real uid, as sudo itself does.
  explicit Person(uid_t uid, const std::string& procs = {}, Raises raises = Raises::kRoot);
  Person(const Person&) = delete;
  Person& operator=(const Person&) = delete;
  ~Person();

  /// Root's, and came from the daemon: sshd's monitor, cron's child.
  [[nodiscard]] pid_t Door() const { return pids_[0]; }
  /// The account's own.
  [[nodiscard]] pid_t Own() const { return pids_[1]; }
  /// What sudo started: root's.
  [[nodiscard]] pid_t Raised() const { return pids_[2]; }

  /// Root in a container, whose logins have numbers by chance those of this host: one more process, ended with the others.
  [[nodiscard]] pid_t Contained();

  [[nodiscard]] static bool Lives(pid_t pid);
  /// Waits until it is gone; false after ten seconds.
  [[nodiscard]] static bool AwaitDeath(pid_t pid);

 private:
  uid_t uid_;
  pid_t pids_[3] = {0, 0, 0};
  pid_t contained_ = 0;
};

}  // namespace curfew::test
