// SPDX-License-Identifier: Apache-2.0
// 00-curfew.conf, from the managed accounts into sshd: the one way that setup and the enforcer share. MUST: nothing takes
// the place that sshd has not proved beside it, so that a power cut after any line leaves an sshd that can start; root and
// an account that is not managed get the settings they have without us.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "agent/paths.h"
#include "core/desired.h"
#include "os/directory.h"

namespace curfew {

/// Who does it: each has a candidate of its own, so that two at once never share a half-written file.
enum class SshdWriter { kEnforcer, kSetup };

/// The block in its place; nothing when this host has not opted in by having one.
[[nodiscard]] Result<std::optional<FileText>> ReadSshdBlock(const Paths& paths);
/// True when the file is this text, root's, and nobody else can write it.
[[nodiscard]] bool IsSshdBlock(const FileText& file, const std::string& text);

/// The text that sshd was last told to read, since the last boot; empty when it was told none.
[[nodiscard]] std::string SshdWasTold(const Paths& paths);

/// Proves the block for these accounts, puts it in its place, and has sshd read it. Says for whom it was proved. After a
/// failure of the proof nothing was changed.
[[nodiscard]] Result<std::string> PlaceSshdBlock(const Paths& paths, const std::vector<Gated>& managed, SshdWriter writer);

/// Takes it away and has sshd read that.
[[nodiscard]] Result<void> RemoveSshdBlock(const Paths& paths);

}  // namespace curfew
