// SPDX-License-Identifier: Apache-2.0
// sudo in all its spellings, and versions as numbers.
#include "agent/tool/programs_here.h"

#include <sys/stat.h>
#include <unistd.h>

#include <charconv>

#include "core/names.h"
#include "os/child.h"

namespace curfew {
namespace {

constexpr Millis kLimit{10000};
constexpr int kNotAfterSince = 10909;  // sudo 1.9.9
constexpr std::size_t kLongestLine = 300;

/// The decimal number at the front of `text`, taken away with one byte after it; -1 when there is none.
int TakeNumber(std::string_view& text) {
  int number = -1;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (code != std::errc{}) return -1;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

int TakeNext(std::string_view& text) {
  if (text.empty() || text.front() != '.') return 0;
  text.remove_prefix(1);
  return std::max(0, TakeNumber(text));
}

}  // namespace

std::string Said::FirstLine() const {
  const std::size_t start = output.find_first_not_of(" \r\n");
  if (start == std::string::npos) return "status " + std::to_string(status);
  const std::size_t end = output.find('\n', start);
  const std::string line = output.substr(start, end == std::string::npos ? kLongestLine : end - start);
  return Escaped(std::string_view(line).substr(0, kLongestLine));
}

Result<Said> Run(const std::vector<std::string>& argv) {
  auto child = Child::Start(argv);
  if (!child) return Failure(child.error());
  ChildEnd end = child->Wait(kLimit);
  if (end.timed_out) return Fail(Errc::kSystem, "did not end within 10 s", argv.front());
  return Said{end.status, std::move(end.output)};
}

std::vector<std::string> Present(const std::vector<std::string>& places) {
  std::vector<std::string> found;
  for (const auto& place : places) {
    if (::access(place.c_str(), X_OK) == 0) found.push_back(place);
  }
  return found;
}

SudoProgram ReadSudoVersion(const std::string& path, const std::string& output) {
  SudoProgram program{path, Said{0, output}.FirstLine(), false, false};
  program.rs = program.version.find("sudo-rs") != std::string::npos;
  const std::string_view prefix = "Sudo version ";
  if (program.rs || !program.version.starts_with(prefix)) return program;
  std::string_view rest = std::string_view(program.version).substr(prefix.size());
  const int major = TakeNumber(rest);
  const int minor = TakeNext(rest);
  const int patch = TakeNext(rest);
  program.dates = major * 10000 + minor * 100 + patch >= kNotAfterSince;
  return program;
}

std::vector<SudoProgram> SudoPrograms() {
  std::vector<SudoProgram> found;
  for (const auto& path : Present({"/usr/bin/sudo", "/usr/bin/sudo-rs", "/usr/bin/sudo.ws", "/usr/local/bin/sudo",
                                   "/usr/lib/cargo/bin/sudo"})) {
    struct stat seen {};
    // lstat would miss /usr/bin/sudo where it is an alternative: a link to the real one.
    if (::stat(path.c_str(), &seen) != 0 || (seen.st_mode & S_ISUID) == 0) continue;
    const auto said = Run({path, "-V"});
    found.push_back(ReadSudoVersion(path, said ? said->output : std::string()));
  }
  return found;
}

int ReadSshVersion(const std::string& output) {
  const std::string_view prefix = "OpenSSH_";
  const std::size_t start = output.find(prefix);
  if (start == std::string::npos) return 0;
  std::string_view rest = std::string_view(output).substr(start + prefix.size());
  const int major = TakeNumber(rest);
  return major < 0 ? 0 : major * 100 + TakeNext(rest);
}

}  // namespace curfew
