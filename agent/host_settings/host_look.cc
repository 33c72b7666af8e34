// SPDX-License-Identifier: Apache-2.0
// A file brought in from elsewhere is not in the fingerprint, hence an asking each hour whatever it says.
#include "agent/host_settings/host_look.h"

#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "agent/host_settings/pam_profile.h"
#include "agent/host_settings/sshd.h"
#include "agent/host_settings/sshd_place.h"
#include "agent/host_settings/sudoers_file.h"
#include "core/host_files.h"
#include "os/directory.h"
#include "os/system_bus.h"

namespace curfew {
namespace {

constexpr int kLooksAnHour = 6;
constexpr std::size_t kMostNames = 1000;
constexpr std::size_t kMostAsked = 32;  // each costs sshd 20 ms, and our block says the same of all
constexpr std::size_t kMostPasswd = std::size_t{1} << 20U;

template <class Value>
Look LookOf(const Result<Value>& result, std::string good) {
  return result ? Look{std::move(good), {}} : Look{std::move(good), result.error().Text()};
}

bool IsActive(const char* unit) { return IsUnitActive(unit).value_or(false); }

Look LookAtTmpfs(const std::string& run) {
  struct statfs place {};
  const bool tmpfs = ::statfs(run.c_str(), &place) == 0 && place.f_type == TMPFS_MAGIC;
  return Look{run + " goes with a reboot", tmpfs ? "" : run + " survives a reboot"};
}

Look LookAtProfile(const Paths& paths) {
  const auto flaw = FlawOfProfile(paths);
  return Look{"on", flaw ? *flaw : flaw.error().Text()};
}

/// Its existence is the admin's yes; without it an account that becomes managed tomorrow would not be bound.
Look LookAtBlock(const Paths& paths, const std::vector<Gated>& managed) {
  const std::string path = paths.SshdDropIns() + "/" + kSshdFile;
  const auto block = ReadSshdBlock(paths);
  if (!block) return Look{path, block.error().Text()};
  if (!*block) return Look{path, path + " is missing"};
  return Look{path, IsSshdBlock(**block, RenderSshdBlock(managed)) ? "" : path + " is not what the managed accounts ask for"};
}

SshdFacts LookAtSshd(const Paths& paths, const Sshd& sshd, const std::vector<Gated>& managed) {
  const std::string config = paths.SshdConfig();
  SshdFacts facts{sshd.Version(), LookOf(sshd.Test(config), "OpenSSH_"), LookAtBlock(paths, managed), {}, {}, false};
  facts.test.what += facts.version;
  for (const auto& account : managed) {
    if (!account.gate.login || facts.bound.size() == kMostAsked) continue;
    const auto settings = sshd.SettingsOf(config, account.name.Text());
    facts.bound.push_back({account.name.Text(), settings ? FlawOfManaged(*settings) : settings.error().Text()});
  }
  const auto passwd = ReadTrustedFile(paths.root + "/etc/passwd", kMostPasswd);
  for (const std::string& account : {std::string("root"), FirstUnmanaged(passwd.value_or(""), managed)}) {
    const auto settings = sshd.SettingsOf(config, account);
    facts.free.push_back({account, settings ? TraceOfOurs(*settings) : settings.error().Text()});
    const bool exempt = settings && settings->contains("persourcepenaltyexemptlist") &&
                        settings->at("persourcepenaltyexemptlist") != "none";
    facts.penalties = SshdHasPenalties(facts.version) && !exempt;
  }
  return facts;
}

void Print(std::string& text, const std::string& path) {
  struct stat facts {};
  if (::stat(path.c_str(), &facts) != 0) return;
  text += path;
  for (const auto number : {static_cast<long long>(facts.st_ino), static_cast<long long>(facts.st_size),
                            static_cast<long long>(facts.st_ctim.tv_sec), static_cast<long long>(facts.st_ctim.tv_nsec)}) {
    text += " " + std::to_string(number);
  }
  text += "\n";
}

}  // namespace

std::string HostLook::Fingerprint(const std::vector<Gated>& managed) const {
  std::string text = RenderManaged(managed);
  for (const auto& sudo : FindSudos(paths_)) Print(text, sudo.path);
  for (const auto& visudo : FindVisudos(paths_)) Print(text, visudo);
  for (const auto& path : {paths_.SshdProgram(), paths_.SshdConfig(), paths_.root + "/etc/sudoers", paths_.root + "/etc/passwd"}) {
    Print(text, path);
  }
  for (const auto& path : {paths_.SshdDropIns(), paths_.root + "/etc/sudoers.d"}) {
    const auto folder = Directory::Open(path);
    const auto entries = folder ? folder->List(kMostNames) : Result<std::vector<Entry>>(std::vector<Entry>{});
    for (const auto& entry : entries.value_or(std::vector<Entry>{})) Print(text, path + "/" + entry.name);
  }
  return text;
}

void HostLook::AskPrograms(const std::vector<Gated>& managed) {
  facts_.sudos = FindSudos(paths_);
  for (auto& sudo : facts_.sudos) sudo.version = VersionOf(sudo);
  facts_.sudoers_folder = LookOf(CheckSudoersIncludes(paths_), "/etc/sudoers brings in /etc/sudoers.d");
  facts_.sudoers_line = LookOf(CheckSudoersLine(paths_), "our rules are read");
  facts_.sudoers_tree = LookOf(CheckSudoersTree(paths_), "the whole configuration holds");
  const auto sshd = Sshd::Find(paths_);
  facts_.sshd = sshd ? std::optional<SshdFacts>(LookAtSshd(paths_, *sshd, managed)) : std::nullopt;
}

LayerFacts HostLook::At(const std::vector<Gated>& managed) {
  std::string fingerprint = Fingerprint(managed);
  if (fingerprint != fingerprint_ || looks_ == 0) AskPrograms(managed);
  fingerprint_ = std::move(fingerprint);
  looks_ = (looks_ + 1) % kLooksAnHour;
  facts_.pam_module = LookOf(FindPamModule(paths_), "pam_curfew.so");
  facts_.pam_profile = LookAtProfile(paths_);
  facts_.gate = IsActive("curfew-gate.socket");
  facts_.reaper = IsActive("curfew-reaper.timer");
  facts_.tmpfs = LookAtTmpfs(paths_.Run());
  return facts_;
}

}  // namespace curfew
