// SPDX-License-Identifier: Apache-2.0
// What other programs of a host say about themselves and how they are set, from their words to values. MUST: what cannot
// be read counts as what helps us least.
#pragma once

#include <compare>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/desired.h"
#include "core/result.h"

namespace curfew {

/// The word behind `mark` in what a program printed: "1.9.13p3" behind "version "; empty when it is not there.
[[nodiscard]] std::string VersionText(std::string_view output, std::string_view mark);
/// True from sudo 1.9.9 on, the first that reads NOTAFTER.
[[nodiscard]] bool SudoReadsDates(std::string_view version);
/// True from OpenSSH 9.1 on, the first whose expiry-time reads `Z`.
[[nodiscard]] bool SshdReadsUtc(std::string_view version);
/// True from OpenSSH 9.8 on, the first with PerSourcePenalties.
[[nodiscard]] bool SshdHasPenalties(std::string_view version);

/// What `sshd -T -C user=…` printed: keyword (lower case) to value, the first where one repeats.
using SshdSettings = std::map<std::string, std::string>;
[[nodiscard]] SshdSettings ReadSshdSettings(std::string_view output);
/// What is wrong for an account that is managed for login; empty when our keys are all it has.
[[nodiscard]] std::string FlawOfManaged(const SshdSettings& settings);
/// What of ours reaches an account that is not managed; empty when nothing does.
[[nodiscard]] std::string TraceOfOurs(const SshdSettings& settings);

/// The folder that sshd_config includes, and what lies in it.
struct DropIns {
  std::string folder;
  std::vector<std::string> names;
};
/// sshd_config as it would be with the file at `candidate` in the place of 00-curfew.conf, or, where that is empty, with
/// no such file; nothing else changes. kConflict when the folder is not included before the first Match.
[[nodiscard]] Result<std::string> SshdConfigWith(std::string_view config, const DropIns& drop_ins, const std::string& candidate);

/// The first ordinary account of a passwd file that is not managed; "nobody" where there is none.
[[nodiscard]] std::string FirstUnmanaged(std::string_view passwd, const std::vector<Gated>& managed);
/// Every name that the text of /etc/passwd has for a uid.
[[nodiscard]] std::vector<std::string> NamesOf(Uid uid, std::string_view passwd);

/// True when a line of that group ("account", "session", "auth") of a pam.d file calls our module.
[[nodiscard]] bool CallsPamModule(std::string_view file, std::string_view group);
/// True when the text of /etc/sudoers brings in /etc/sudoers.d.
[[nodiscard]] bool IncludesSudoersFolder(std::string_view sudoers);

}  // namespace curfew
