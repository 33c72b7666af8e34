// SPDX-License-Identifier: Apache-2.0
// visudo -c, with and without -f.
#include "agent/tool/sudoers_file.h"

#include "agent/tool/programs_here.h"
#include "os/directory.h"
#include "os/text_file.h"

namespace curfew {
namespace {

constexpr const char* kTree = "/etc/sudoers";
constexpr std::size_t kMostTree = std::size_t{1} << 20U;

Result<void> AskEach(const std::vector<std::string>& arguments, const std::string& hint) {
  const auto visudos = Present({"/usr/sbin/visudo", "/usr/sbin/visudo.ws", "/usr/sbin/visudo-rs",
                                "/usr/local/sbin/visudo", "/usr/lib/cargo/bin/visudo"});
  if (visudos.empty()) return Fail(Errc::kNotFound, "no visudo on this host", "/usr/sbin/visudo", "install sudo");
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

std::string SudoersText() {
  return std::string("# Made by curfew-agent setup, removed by curfew-agent setup --undo.\n") + kSudoersInclude + "\n";
}

Result<void> CheckSudoersFile(const std::string& path) {
  return AskEach({"-cf", path}, "this sudo cannot read @includedir");
}

Result<void> CheckSudoersTree() { return AskEach({"-c"}, "mend sudo's own configuration first: visudo -c"); }

Result<void> CheckSudoersIncludes() {
  auto text = ReadTrustedFile(kTree, kMostTree);
  if (!text) return Failure(text.error());
  std::replace(text->begin(), text->end(), '\t', ' ');
  for (const auto line : SplitText(*text, '\n')) {
    const auto words = SplitText(line, ' ');
    const bool include = words.size() == 2 && (words[0] == "@includedir" || words[0] == "#includedir");
    if (include && words[1] == "/etc/sudoers.d") return {};
  }
  return Fail(Errc::kConflict, "does not include /etc/sudoers.d", kTree, "add the line: @includedir /etc/sudoers.d");
}

}  // namespace curfew
