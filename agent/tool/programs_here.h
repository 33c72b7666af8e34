// SPDX-License-Identifier: Apache-2.0
// The programs of this host that doctor and setup ask: found at fixed places, run bounded, their words kept.
#pragma once

#include <string>
#include <vector>

#include "core/result.h"

namespace curfew {

/// What a program said; `status` 0 is success.
struct Said {
  int status = -1;
  std::string output;
  [[nodiscard]] bool Ok() const { return status == 0; }
  /// Its first line that is not empty, escaped, for a message.
  [[nodiscard]] std::string FirstLine() const;
};

/// Runs it for at most ten seconds; kSystem when it cannot be started or does not end.
[[nodiscard]] Result<Said> Run(const std::vector<std::string>& argv);

/// Those of the places that can be executed.
[[nodiscard]] std::vector<std::string> Present(const std::vector<std::string>& places);

/// A set-uid program that gives root, with what it says of itself.
struct SudoProgram {
  std::string path;
  std::string version;  ///< "Sudo version 1.9.13p3", "sudo-rs 0.2.5"
  bool rs = false;
  bool dates = false;  ///< knows NOTAFTER (sudo 1.9.9 and later)
};
[[nodiscard]] std::vector<SudoProgram> SudoPrograms();
/// What `-V` printed, read.
[[nodiscard]] SudoProgram ReadSudoVersion(const std::string& path, const std::string& output);

/// "9.2" of "OpenSSH_9.2p1 …" as 902; 0 when it is none.
[[nodiscard]] int ReadSshVersion(const std::string& output);

}  // namespace curfew
