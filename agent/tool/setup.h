// SPDX-License-Identifier: Apache-2.0
// `curfew-agent setup`: the three places where the system begins to ask Curfew, each with its own proof, each taken
// back by
// --undo. MUST leave everything as it was when a proof fails, and MUST never touch a file that is not ours.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "agent/paths.h"
#include "agent/tool/command_line.h"
#include "agent/tool/exit.h"
#include "core/desired.h"

namespace curfew {

/// One part of setup. Each says in a sentence what it would do or has done.
class SetupPart {
 public:
  virtual ~SetupPart() = default;
  [[nodiscard]] virtual std::string Name() const = 0;
  /// What Do would change; "nothing to do" words when it is done already.
  [[nodiscard]] virtual Result<std::string> Preview() const = 0;
  [[nodiscard]] virtual Result<std::string> Do() const = 0;
  [[nodiscard]] virtual Result<std::string> Undo() const = 0;
};

[[nodiscard]] std::unique_ptr<SetupPart> SudoersPart(const Paths& paths);
[[nodiscard]] std::unique_ptr<SetupPart> SshdPart(const Paths& paths);
[[nodiscard]] std::unique_ptr<SetupPart> PamPart(const Paths& paths);

/// Runs the asked parts in safe order (sudoers, sshd, pam; undone in reverse); stops at the first that fails.
[[nodiscard]] Exit Setup(const SetupCommand& command, const Paths& paths);

/// The names managed for login, and all managed ones, from /var/lib/curfew/managed; empty when there is none yet.
[[nodiscard]] Result<std::vector<Gated>> ReadManaged(const Paths& paths);

}  // namespace curfew
