// SPDX-License-Identifier: Apache-2.0
// The command line of curfew-agent, parsed into one value; help and usage errors are answered here.
#pragma once

#include <string>
#include <variant>

#include "agent/tool/join.h"

namespace curfew {

struct StatusCommand {
  bool json = false;
};
struct DoctorCommand {
  bool json = false;
};
struct SetupCommand {
  std::string part = "all";  ///< pam, sshd, sudoers, all
  bool dry_run = false;
  bool undo = false;
};
struct RevokeAllCommand {
  bool wait = false;  ///< until the controller has the proofs
};
struct OfferCommand {
  std::string file;
};
struct LeaveCommand {};
/// A verb that INTERFACES names and a later release brings.
struct LaterCommand {
  std::string verb;
};

using Verb = std::variant<JoinOptions, StatusCommand, DoctorCommand, SetupCommand, RevokeAllCommand, OfferCommand,
                          LeaveCommand, LaterCommand>;

struct CommandLine {
  Paths paths;
  Verb command;
};

/// The command, or the exit status after help or a usage error was printed.
[[nodiscard]] std::variant<int, CommandLine> ParseCommandLine(int argc, char** argv);

}  // namespace curfew
