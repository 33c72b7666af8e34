// SPDX-License-Identifier: Apache-2.0
// pam.d(5) lines: group, control, module.
#include "agent/tool/pam_profile.h"

#include <unistd.h>

#include "os/directory.h"
#include "os/text_file.h"

namespace curfew {
namespace {

constexpr std::size_t kMostFile = std::size_t{64} << 10U;

struct Expected {
  const char* file;
  const char* group;
};
constexpr Expected kLines[] = {{"/etc/pam.d/common-account", "account"}, {"/etc/pam.d/common-session", "session"}};

/// The first expected line that is there (or is not), said in a sentence.
Result<std::string> FirstLine(const std::string& root, bool there, const char* verb) {
  for (const auto& line : kLines) {
    const auto text = ReadTrustedFile(root + line.file, kMostFile);
    if (!text) return Failure(text.error());
    if (CallsModule(*text, line.group) == there) return std::string(line.file) + verb + kPamModule;
  }
  return std::string();
}

}  // namespace

bool CallsModule(std::string_view file, std::string_view group) {
  for (auto line : SplitText(file, '\n')) {
    const std::size_t start = line.find_first_not_of(" \t-");
    if (start == std::string_view::npos) continue;
    line.remove_prefix(start);
    if (line.starts_with(group) && line.find(kPamModule) != std::string_view::npos) return true;
  }
  return false;
}

Result<std::string> FindPamModule() {
  for (const char* folder : {"/usr/lib/x86_64-linux-gnu/security/", "/usr/lib/aarch64-linux-gnu/security/",
                             "/lib/x86_64-linux-gnu/security/", "/usr/lib64/security/", "/usr/lib/security/"}) {
    const std::string path = std::string(folder) + kPamModule;
    if (::access(path.c_str(), R_OK) == 0) return path;
  }
  return Fail(Errc::kNotFound, "not installed", kPamModule, "reinstall the package curfew-agent");
}

Result<std::string> FlawOfProfile(const std::string& root) { return FirstLine(root, false, " does not call "); }

Result<std::string> TraceOfProfile(const std::string& root) { return FirstLine(root, true, " calls "); }

}  // namespace curfew
