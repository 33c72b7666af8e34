// SPDX-License-Identifier: Apache-2.0
// visudo is asked instead of sudo, which wants capabilities that we do not have; both come from one package.
#include "agent/enforcer/host/survey.h"

#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <climits>
#include <cstdlib>

#include "os/system_bus.h"
#include "os/text_file.h"

namespace curfew {
namespace {

constexpr Millis kLimit{2000};
constexpr std::size_t kMostPamFile = std::size_t{64} << 10U;
constexpr const char* kSudos[] = {"/usr/bin/sudo", "/usr/bin/sudo-rs", "/usr/bin/sudo.ws", "/usr/local/bin/sudo",
                                  "/usr/lib/cargo/bin/sudo"};

std::array<int, 3> NumbersOf(const std::string& version) {
  std::array<int, 3> numbers{};
  const char* at = version.data();
  const char* const end = at + version.size();
  for (int& number : numbers) {
    const auto read = std::from_chars(at, end, number);
    if (read.ptr == end || *read.ptr != '.') break;
    at = read.ptr + 1;
  }
  return numbers;
}

bool IsSetUid(const char* path) {
  struct stat facts {};
  return ::stat(path, &facts) == 0 && facts.st_uid == 0 && (facts.st_mode & S_ISUID) != 0;
}

bool IsSudoRs(const char* path) {
  std::array<char, PATH_MAX> real{};
  if (::realpath(path, real.data()) == nullptr) return false;
  const std::string text(real.data());
  return text.find("sudo-rs") != std::string::npos || text.find("/cargo/") != std::string::npos;
}

bool PamAsksUs() {
  const auto account = ReadKernelFile("/etc/pam.d/common-account", kMostPamFile);
  return account && account->find("pam_curfew.so") != std::string::npos;
}

}  // namespace

SudoTraits FindSudoTraits() {
  for (const char* sudo : kSudos) {
    if (IsSetUid(sudo) && IsSudoRs(sudo)) return SudoTraits{false};
  }
  return SudoTraits{true};
}

std::string VersionAfter(const std::string& output, const std::string& word) {
  const std::size_t at = output.find(word);
  if (at == std::string::npos) return {};
  const std::size_t start = at + word.size();
  return output.substr(start, std::min(output.find_first_of(" ,\n", start), start + 32) - start);
}

bool SudoKnowsDates(const std::string& version) { return NumbersOf(version) >= std::array{1, 9, 9}; }

bool SshdKnowsUtc(const std::string& version) { return NumbersOf(version) >= std::array{9, 1, 0}; }

void Survey::Start() {
  programs_.Run({"/usr/sbin/visudo", "-V"}, kLimit, [this](const Result<ChildEnd>& end) {
    if (end) sudo_ = VersionAfter(end->output, "version ");
  });
  // sshd before 9.3 has no -V, but names itself in its complaint about that.
  programs_.Run({"/usr/sbin/sshd", "-V"}, kLimit, [this](const Result<ChildEnd>& end) {
    if (end) sshd_ = VersionAfter(end->output, "OpenSSH_");
  });
  slow_.Ask([] { return IsUnitActive("curfew-reaper.timer"); },
            [this](const Result<bool>& active) { reaper_ = active.value_or(false); });
}

std::vector<std::string> Survey::Layers() const {
  std::vector<std::string> layers{"timer"};
  struct statfs place {};
  if (::statfs(run_.c_str(), &place) == 0 && place.f_type == TMPFS_MAGIC) layers.emplace_back("tmpfs");
  if (reaper_) layers.emplace_back("reaper");
  if (PamAsksUs()) layers.emplace_back("pam");
  if (FindSudoTraits().dates && SudoKnowsDates(sudo_)) layers.emplace_back("native_sudo");
  if (SshdKnowsUtc(sshd_)) layers.emplace_back("native_key");
  return layers;
}

}  // namespace curfew
