// SPDX-License-Identifier: Apache-2.0
// Where everything of ours is (DESIGN §4). The root is "/" in production; tests give another.
#pragma once

#include <string>

namespace curfew {

struct Paths {
  std::string root;  ///< "" or an absolute path without a slash at its end

  [[nodiscard]] std::string TrustedRoot() const { return root + "/etc/curfew/trusted_root.json"; }
  [[nodiscard]] std::string Config() const { return root + "/etc/curfew"; }
  [[nodiscard]] std::string Durable() const { return root + "/var/lib/curfew"; }
  [[nodiscard]] std::string State() const { return root + "/var/lib/curfew/state"; }
  [[nodiscard]] std::string Database() const { return State() + "/state.db"; }
  [[nodiscard]] std::string AuditKey() const { return State() + "/audit.key"; }
  [[nodiscard]] std::string Lock() const { return root + "/var/lib/curfew/lock"; }
  [[nodiscard]] std::string RunParent() const { return root + "/run"; }
  [[nodiscard]] std::string Run() const { return root + "/run/curfew"; }
  [[nodiscard]] std::string GateSocket() const { return Run() + "/gate.sock"; }
  [[nodiscard]] std::string LinkSocket() const { return Run() + "/link.sock"; }
  [[nodiscard]] std::string SshdDropIns() const { return root + "/etc/ssh/sshd_config.d"; }
  [[nodiscard]] std::string SshdProgram() const { return root + "/usr/sbin/sshd"; }
  [[nodiscard]] std::string SshdConfig() const { return root + "/etc/ssh/sshd_config"; }
};

inline constexpr const char* kRunName = "curfew";
inline constexpr const char* kRulesFolder = "sudoers.d";
inline constexpr const char* kRulesFile = "grants";
inline constexpr const char* kCheckFile = ".check";  ///< what visudo is asked about; sudo skips names with a dot
inline constexpr const char* kKeysFolder = "keys";
inline constexpr const char* kBannerFolder = "banner";
inline constexpr const char* kSessionsFile = "sessions";
inline constexpr const char* kManagedFile = "managed";
inline constexpr const char* kSshdFile = "00-curfew.conf";

}  // namespace curfew
