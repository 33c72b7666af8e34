// SPDX-License-Identifier: Apache-2.0
// The host's sshd: what it says of a configuration without reading it in earnest (`-t`, `-T -C user=…`), and the unit that
// runs it.
#pragma once

#include <optional>
#include <string>

#include "agent/paths.h"
#include "core/host_settings.h"

namespace curfew {

class Sshd {
 public:
  /// kNotFound when this host has none.
  [[nodiscard]] static Result<Sshd> Find(const Paths& paths);

  /// `sshd -t`: kRefused in its own words when the configuration does not hold.
  [[nodiscard]] Result<void> Test(const std::string& config) const;
  /// Its effective settings for an account as it prints them. A whole connection is given, so that every Match is decided.
  [[nodiscard]] Result<std::string> SettingsText(const std::string& config, const std::string& account) const;
  [[nodiscard]] Result<SshdSettings> SettingsOf(const std::string& config, const std::string& account) const;
  /// "9.2p1"; empty when it does not say.
  [[nodiscard]] std::string Version() const;

 private:
  explicit Sshd(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

/// The unit of an sshd that runs; nothing when none does. An error when the service manager does not say.
[[nodiscard]] Result<std::optional<std::string>> RunningSshd();

/// Lets a running sshd read its configuration again, through the service manager, whose unit tests it first: a signal would
/// kill sshd over somebody's broken drop-in. Returns when that is done. Fine when none runs, or no service manager.
[[nodiscard]] Result<void> ReloadSshd();

}  // namespace curfew
