// SPDX-License-Identifier: Apache-2.0
// What this host has: which sudo and sshd, what they can read, and which layers of expiry (DESIGN §6) hold with them.
#pragma once

#include <string>
#include <vector>

#include "agent/enforcer/host/programs.h"
#include "agent/enforcer/waker.h"
#include "agent/enforcer/worker.h"
#include "core/sudoers.h"

namespace curfew {

class Survey {
 public:
  Survey(Programs& programs, Worker& slow, std::string run) : programs_(programs), slow_(slow), run_(std::move(run)) {}

  /// Asks the programs for their versions; the answers are there some milliseconds later.
  void Start();
  [[nodiscard]] const std::string& Sudo() const { return sudo_; }
  [[nodiscard]] const std::string& Sshd() const { return sshd_; }
  /// native_sudo, native_key, timer, pam, reaper, tmpfs: those that hold.
  [[nodiscard]] std::vector<std::string> Layers() const;

 private:
  Programs& programs_;
  Worker& slow_;
  std::string run_;
  std::string sudo_;
  std::string sshd_;
  bool reaper_ = false;
};

/// Whether every set-uid sudo here understands dates: sudo-rs refuses a rule that has one, and says so to every user.
[[nodiscard]] SudoTraits FindSudoTraits();

/// Versions as the programs print them: "visudo version 1.9.13p3" gives "1.9.13p3"; empty when there is none.
[[nodiscard]] std::string VersionAfter(const std::string& output, const std::string& word);
/// True from 1.9.9 on.
[[nodiscard]] bool SudoKnowsDates(const std::string& version);
/// True from 9.1 on, the first sshd that reads `Z`.
[[nodiscard]] bool SshdKnowsUtc(const std::string& version);

}  // namespace curfew
