// SPDX-License-Identifier: Apache-2.0
// pam.d(5) lines: group, control, module.
#include "agent/host_settings/pam_profile.h"

#include <sys/stat.h>

#include "core/host_settings.h"
#include "os/directory.h"

namespace curfew {
namespace {

constexpr std::size_t kMostFile = std::size_t{64} << 10U;
constexpr const char* kPamModule = "pam_curfew.so";

struct Expected {
  const char* file;
  const char* group;
};
constexpr Expected kLines[] = {{"/etc/pam.d/common-account", "account"}, {"/etc/pam.d/common-session", "session"}};

/// The first expected line that is there (or is not), said in a sentence.
Result<std::string> FirstLine(const Paths& paths, bool there, const char* verb) {
  for (const auto& line : kLines) {
    const auto text = ReadTrustedFile(paths.root + line.file, kMostFile);
    if (!text) return Failure(text.error());
    if (CallsPamModule(*text, line.group) == there) return std::string(line.file) + verb + kPamModule;
  }
  return std::string();
}

}  // namespace

Result<std::string> FindPamModule(const Paths& paths) {
  for (const char* folder : {"/usr/lib/x86_64-linux-gnu/security/", "/usr/lib/aarch64-linux-gnu/security/",
                             "/lib/x86_64-linux-gnu/security/", "/usr/lib64/security/", "/usr/lib/security/"}) {
    const std::string path = paths.root + folder + kPamModule;
    struct stat seen {};
    if (::stat(path.c_str(), &seen) != 0) continue;
    if (seen.st_uid == 0 && (seen.st_mode & 022U) == 0) return path;
    return Fail(Errc::kRefused, "can be written by others", path, "reinstall the package curfew-agent");
  }
  return Fail(Errc::kNotFound, "not installed", kPamModule, "reinstall the package curfew-agent");
}

Result<std::string> FlawOfProfile(const Paths& paths) { return FirstLine(paths, false, " does not call "); }

Result<std::string> TraceOfProfile(const Paths& paths) { return FirstLine(paths, true, " calls "); }

}  // namespace curfew
