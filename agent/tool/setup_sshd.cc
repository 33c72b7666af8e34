// SPDX-License-Identifier: Apache-2.0
// 00-curfew.conf: its existence is the admin's yes; from then on the enforcer keeps it. Proved before sshd hears of it:
// bound for each managed account, without a trace for root and an unmanaged account. A failed proof puts back what was
// there.
#include "agent/tool/setup.h"
#include "agent/tool/sshd_settings.h"
#include "agent/tool/units.h"
#include "core/host_files.h"
#include "os/directory.h"

namespace curfew {
namespace {

constexpr const char* kAside = ".00-curfew.aside";
constexpr mode_t kMode = 0644;
constexpr std::size_t kMostBlock = std::size_t{256} << 10U;
constexpr std::size_t kMostConfig = std::size_t{1} << 20U;

/// What sshd does for those who must not notice us.
struct Bystanders {
  std::string other;
  SshdSettings root;
  SshdSettings unmanaged;
};

Result<Bystanders> Look(const Sshd& sshd, const std::string& other) {
  auto root = sshd.SettingsOf("root");
  if (!root) return Failure(root.error());
  auto unmanaged = sshd.SettingsOf(other);
  if (!unmanaged) return Failure(unmanaged.error());
  return Bystanders{other, std::move(*root), std::move(*unmanaged)};
}

Failure Unproved(const std::string& account, const std::string& what) {
  return Fail(Errc::kConflict, "proof failed for " + account + ": " + what, "sshd -T", "nothing was changed");
}

/// Reloading tests the configuration first (ssh.service); a signal with somebody's broken drop-in would kill sshd.
Result<void> ReloadSshd() {
  for (const char* unit : {"ssh.service", "sshd.service"}) {
    if (UnitState(unit) == "active") return Systemctl({"reload", unit});
  }
  return {};
}

class SshdSetup final : public SetupPart {
 public:
  explicit SshdSetup(Paths paths) : paths_(std::move(paths)) {}
  [[nodiscard]] std::string Name() const override { return "sshd"; }

  [[nodiscard]] Result<std::string> Preview() const override {
    auto sshd = Ready();
    if (!sshd) return Failure(sshd.error());
    auto managed = ReadManaged(paths_);
    if (!managed) return Failure(managed.error());
    return "write " + Path() + " (0644), prove it by sshd -T, reload sshd:\n" + RenderSshdBlock(*managed);
  }

  [[nodiscard]] Result<std::string> Do() const override {
    auto sshd = Ready();
    if (!sshd) return Failure(sshd.error());
    auto managed = ReadManaged(paths_);
    if (!managed) return Failure(managed.error());
    auto folder = Directory::Open(paths_.SshdDropIns());
    if (!folder) return Failure(folder.error());
    auto before = folder->Read(kSshdFile, kMostBlock);
    if (!before) return Failure(before.error());
    auto proved = Replace(*sshd, *folder, *managed);
    if (!proved) {
      if (auto back = PutBack(*folder, *before); !back) return Failure(back.error());
      return Failure(proved.error());
    }
    if (auto told = ReloadSshd(); !told) return Failure(told.error());
    return "wrote " + Path() + ", proved for " + *proved;
  }

  [[nodiscard]] Result<std::string> Undo() const override {
    auto folder = Directory::Open(paths_.SshdDropIns());
    if (!folder && folder.error().code == Errc::kNotFound) return "nothing to undo";
    if (!folder) return Failure(folder.error());
    if (auto gone = folder->Remove(kSshdFile, kAside); !gone) return Failure(gone.error());
    if (auto told = ReloadSshd(); !told) return Failure(told.error());
    return "removed " + Path();
  }

 private:
  [[nodiscard]] std::string Path() const { return paths_.SshdDropIns() + "/" + kSshdFile; }

  [[nodiscard]] Result<Sshd> Ready() const {
    auto sshd = Sshd::Find(paths_.SshdConfig());
    if (!sshd) return sshd;
    if (auto sound = sshd->Test(); !sound) return Failure(sound.error());
    const auto config = ReadTrustedFile(paths_.SshdConfig(), kMostConfig);
    if (!config) return Failure(config.error());
    if (IncludesFolder(*config, paths_.SshdDropIns())) return sshd;
    return Fail(Errc::kConflict, "does not include " + paths_.SshdDropIns() + "/*.conf", paths_.SshdConfig(),
                "add as its first line: Include " + paths_.SshdDropIns() + "/*.conf");
  }

  /// Who it was proved for.
  [[nodiscard]] Result<std::string> Replace(const Sshd& sshd, const Directory& folder,
                                            const std::vector<Gated>& managed) const {
    std::vector<std::string> names;
    for (const auto& account : managed) names.push_back(account.name.Text());
    auto before = Look(sshd, UnmanagedAccount(names));
    if (!before) return Failure(before.error());
    if (auto put = folder.Replace(kSshdFile, RenderSshdBlock(managed), kMode, Durable::kYes); !put)
      return Failure(put.error());
    if (auto sound = sshd.Test(); !sound) return Failure(sound.error());
    auto after = Look(sshd, before->other);
    if (!after) return Failure(after.error());
    if (after->root != before->root) return Unproved("root", "its settings would change");
    if (after->unmanaged != before->unmanaged) return Unproved(before->other, "its settings would change");
    return ProveManaged(sshd, managed, "root and " + before->other + " unchanged");
  }

  [[nodiscard]] static Result<std::string> ProveManaged(const Sshd& sshd, const std::vector<Gated>& managed,
                                                        std::string proved) {
    for (const auto& account : managed) {
      if (!account.gate.login) continue;
      const auto settings = sshd.SettingsOf(account.name.Text());
      if (!settings) return Failure(settings.error());
      const std::string flaw = FlawOfManaged(*settings);
      if (!flaw.empty()) return Unproved(account.name.Text(), flaw);
      proved += ", " + account.name.Text() + " bound";
    }
    return proved;
  }

  [[nodiscard]] static Result<void> PutBack(const Directory& folder, const std::optional<FileText>& before) {
    if (!before) return folder.Remove(kSshdFile, kAside);
    return folder.Replace(kSshdFile, before->text, kMode, Durable::kYes);
  }

  Paths paths_;
};

}  // namespace

std::unique_ptr<SetupPart> SshdPart(const Paths& paths) { return std::make_unique<SshdSetup>(paths); }

}  // namespace curfew
