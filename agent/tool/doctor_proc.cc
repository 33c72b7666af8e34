// SPDX-License-Identifier: Apache-2.0
// What sudo started and what left its session is found by the login uid that the kernel keeps for each process, and by nothing
// else.
#include <unistd.h>

#include "agent/tool/doctor.h"
#include "os/text_file.h"

namespace curfew {
namespace {

constexpr std::size_t kMostMounts = std::size_t{256} << 10U;

/// The value of hidepid= that /proc is mounted with; empty where it hides nothing.
std::string HidePid(const std::string& mounts) {
  std::string found;
  for (const auto line : SplitText(mounts, '\n')) {
    const auto fields = SplitText(line, ' ');
    if (fields.size() < 4 || fields[1] != "/proc") continue;
    found.clear();
    for (const auto option : SplitText(fields[3], ',')) {
      constexpr std::string_view kOption = "hidepid=";
      if (option.starts_with(kOption)) found = option.substr(kOption.size());
    }
  }
  return found == "0" || found == "off" ? "" : found;
}

}  // namespace

void ExamineProc(const Patient& patient, Diagnosis& diagnosis) {
  if (::access((patient.paths.root + "/proc/self/loginuid").c_str(), F_OK) != 0) {
    diagnosis.Add("kernel audit", true,
                  "WARNING: this kernel keeps no login uid (no /proc/self/loginuid): after a grant only its sessions' own scopes "
                  "are ended, what sudo started elsewhere is not found; use a kernel with CONFIG_AUDIT");
  }
  const auto mounts = ReadKernelFile("/proc/self/mounts", kMostMounts);
  const std::string hidden = HidePid(mounts.value_or(""));
  if (hidden.empty()) return;
  diagnosis.Add("hidepid", false,
                "/proc is mounted with hidepid=" + hidden +
                    ": enforcer and reaper do not see other people's processes, so they cannot end what sudo left elsewhere, and prove no end",
                "mount -o remount,hidepid=0 /proc, also in /etc/fstab, then systemctl restart curfew-enforcer");
}

}  // namespace curfew
