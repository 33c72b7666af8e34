// SPDX-License-Identifier: Apache-2.0
// The person in front: results on standard output, all else on standard error, questions only on a terminal.
#pragma once

#include <string>
#include <string_view>

#include "cli/halt.h"

namespace curfew {

class Terminal {
 public:
  Terminal();
  void Result(std::string_view text) const;
  /// A whole line on standard error.
  void Note(std::string_view line) const;
  /// The state of something that goes on: one line that changes on a terminal, a line for each change elsewhere.
  void Progress(const std::string& line);
  /// Ends the changing line.
  void EndProgress();
  /// Asks and reads one line; `secret` is not echoed. kUsage with `instead` when nobody can be asked.
  [[nodiscard]] Answer<std::string> Ask(const std::string& question, bool secret, const std::string& instead) const;

 private:
  bool someone_ = false;  ///< both standard input and standard error are a terminal
  bool changing_ = false;
  std::string shown_;
};

}  // namespace curfew
