// SPDX-License-Identifier: Apache-2.0
// What sshd would do: its own test mode (`sshd -t`) and its effective settings for an account (`sshd -T -C user=…`).
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "agent/enforcer/host/programs.h"
#include "core/names.h"

namespace curfew {

class SshdProof {
 public:
  /// Effective settings, in the order of the accounts asked for; the first failure instead.
  using Done = std::function<void(Result<std::vector<std::string>>)>;

  SshdProof(Programs& programs, std::string program, std::string config)
      : programs_(programs), program_(std::move(program)), config_(std::move(config)) {}

  /// Tests the whole configuration, then asks for each account. One at a time; `done` comes later.
  void Ask(std::vector<std::string> accounts, Done done);

 private:
  void Next();
  void Take(Result<ChildEnd> end);
  Programs& programs_;
  std::string program_;
  std::string config_;
  std::vector<std::string> accounts_;
  std::vector<std::string> answers_;
  bool tested_ = false;
  Done done_;
};

/// Why these settings do not confine an account managed for login to our keys; empty when they do.
[[nodiscard]] std::string WhyNotConfined(const std::string& settings);

}  // namespace curfew
