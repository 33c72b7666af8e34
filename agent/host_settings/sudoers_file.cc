// SPDX-License-Identifier: Apache-2.0
// visudo -V, visudo -c, with and without -f.
#include "agent/host_settings/sudoers_file.h"

#include <sys/stat.h>

#include <array>
#include <climits>
#include <cstdlib>

#include "agent/host_settings/said.h"
#include "core/host_settings.h"
#include "os/directory.h"

namespace curfew {
namespace {

constexpr const char* kTree = "/etc/sudoers";
constexpr std::size_t kMostTree = std::size_t{1} << 20U;
constexpr mode_t kLineMode = 0440;

struct Spelling {
  const char* sudo;
  const char* visudo;
};
constexpr Spelling kSpellings[] = {{"/usr/bin/sudo", "/usr/sbin/visudo"},
                                   {"/usr/bin/sudo-rs", "/usr/sbin/visudo-rs"},
                                   {"/usr/bin/sudo.ws", "/usr/sbin/visudo.ws"},
                                   {"/usr/local/bin/sudo", "/usr/local/sbin/visudo"},
                                   {"/usr/lib/cargo/bin/sudo", "/usr/lib/cargo/bin/visudo"}};

// stat, not lstat: /usr/bin/sudo may be an alternative, a link to the real one.
bool IsSetUid(const std::string& path) {
  struct stat facts {};
  return ::stat(path.c_str(), &facts) == 0 && facts.st_uid == 0 && (facts.st_mode & S_ISUID) != 0;
}

bool IsSudoRs(const std::string& path) {
  std::array<char, PATH_MAX> real{};
  if (::realpath(path.c_str(), real.data()) == nullptr) return false;
  const std::string text(real.data());
  return text.find("sudo-rs") != std::string::npos || text.find("/cargo/") != std::string::npos;
}

Result<void> AskEach(const Paths& paths, const std::vector<std::string>& arguments, const std::string& hint) {
  const auto visudos = FindVisudos(paths);
  if (visudos.empty()) return Fail(Errc::kNotFound, "no visudo on this host", kSpellings[0].visudo, "install sudo");
  for (const auto& visudo : visudos) {
    std::vector<std::string> argv{visudo};
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    const auto said = Run(argv);
    if (!said) return Failure(said.error());
    if (!said->Ok()) return Fail(Errc::kConflict, said->FirstLine(), visudo + " -c", hint);
  }
  return {};
}

}  // namespace

std::vector<SudoProgram> FindSudos(const Paths& paths) {
  std::vector<SudoProgram> found;
  for (const auto& spelling : kSpellings) {
    const std::string path = paths.root + spelling.sudo;
    if (IsSetUid(path)) found.push_back(SudoProgram{path, IsSudoRs(path), {}});
  }
  return found;
}

std::string VersionOf(const SudoProgram& sudo) {
  for (const auto& spelling : kSpellings) {
    if (!sudo.path.ends_with(spelling.sudo)) continue;
    const std::string root = sudo.path.substr(0, sudo.path.size() - std::string(spelling.sudo).size());
    const auto said = Run({root + spelling.visudo, "-V"});
    return said ? VersionText(said->output, "version ") : std::string();
  }
  return {};
}

std::vector<std::string> FindVisudos(const Paths& paths) {
  std::vector<std::string> places{paths.root + "/usr/bin/visudo-rs"};
  for (const auto& spelling : kSpellings) places.push_back(paths.root + spelling.visudo);
  return Present(places);
}

std::string SudoersText() {
  return std::string("# Made by curfew-agent setup, removed by curfew-agent setup --undo.\n") + kSudoersInclude + "\n";
}

Result<void> CheckSudoersFile(const Paths& paths, const std::string& path) {
  return AskEach(paths, {"-cf", path}, "this sudo cannot read @includedir");
}

Result<void> CheckSudoersTree(const Paths& paths) {
  return AskEach(paths, {"-c"}, "mend sudo's own configuration first: visudo -c");
}

Result<void> CheckSudoersIncludes(const Paths& paths) {
  const auto text = ReadTrustedFile(paths.root + kTree, kMostTree);
  if (!text) return Failure(text.error());
  if (IncludesSudoersFolder(*text)) return {};
  return Fail(Errc::kConflict, "does not include /etc/sudoers.d", kTree, "add the line: @includedir /etc/sudoers.d");
}

Result<void> CheckSudoersLine(const Paths& paths) {
  const auto folder = Directory::Open(paths.root + "/etc/sudoers.d");
  if (!folder) return Failure(folder.error());
  const auto seen = folder->Read(kSudoersName, kMostSudoersFile);
  if (!seen) return Failure(seen.error());
  const bool right = *seen && (*seen)->text == SudoersText() && (*seen)->mode == kLineMode && (*seen)->owner == 0;
  if (right) return {};
  return Fail(Errc::kNotFound, "sudo does not read our rules", folder->Path() + "/" + kSudoersName, "curfew-agent setup sudoers");
}

}  // namespace curfew
