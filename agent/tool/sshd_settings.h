// SPDX-License-Identifier: Apache-2.0
// What sshd would do for one person, as `sshd -T -C user=…` says it: the proof that our block binds those it names and
// nobody else.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/names.h"
#include "core/result.h"

namespace curfew {

/// Effective settings, keyword (lower case) to value.
using SshdSettings = std::map<std::string, std::string>;

[[nodiscard]] SshdSettings ReadSettings(std::string_view output);

/// What is wrong for an account that is managed for login; empty when all binds.
[[nodiscard]] std::string FlawOfManaged(const SshdSettings& settings);
/// What of ours reaches an account that is not managed; empty when nothing does.
[[nodiscard]] std::string TraceOfOurs(const SshdSettings& settings);

/// The sshd of this host.
class Sshd {
 public:
  /// kNotFound when there is none. `config` is the file it is asked about.
  [[nodiscard]] static Result<Sshd> Find(const std::string& config);
  /// `sshd -t`: kRefused with its own words when the configuration does not hold.
  [[nodiscard]] Result<void> Test() const;
  [[nodiscard]] Result<SshdSettings> SettingsOf(const std::string& account) const;
  /// 902 for OpenSSH 9.2.
  [[nodiscard]] int Version() const;
  [[nodiscard]] std::string VersionText() const;

 private:
  Sshd(std::string path, std::string config) : path_(std::move(path)), config_(std::move(config)) {}
  std::string path_;
  std::string config_;
};

/// True when the text of sshd_config includes files of `folder`.
[[nodiscard]] bool IncludesFolder(std::string_view config, const std::string& folder);

/// An account that is not managed, to prove with: the first ordinary one, else nobody.
[[nodiscard]] std::string UnmanagedAccount(const std::vector<std::string>& managed);

}  // namespace curfew
