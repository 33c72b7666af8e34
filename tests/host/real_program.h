// SPDX-License-Identifier: Apache-2.0
// Runs the real sudo, visudo and sshd for tests: argv as given, no shell, output kept, files in a folder that goes
// away.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace curfew::test {

struct Outcome {
  int status = -1;     ///< exit status, or 128 + signal
  std::string output;  ///< standard output and standard error, in the order written
};

/// Runs argv[0] with `input` on its standard input, does `meanwhile`, and waits for its end.
[[nodiscard]] Outcome RunProgram(const std::vector<std::string>& argv, const std::string& input = {},
                                 const std::function<void()>& meanwhile = {});

/// A folder of our own below `parent`, removed with the value.
class ScratchFolder {
 public:
  explicit ScratchFolder(const std::string& parent = "/tmp");
  ~ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  /// Writes a file and returns its path.
  std::string Write(const std::string& name, const std::string& text, std::filesystem::perms mode) const;
  [[nodiscard]] std::string Path(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

}  // namespace curfew::test
