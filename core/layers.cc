// SPDX-License-Identifier: Apache-2.0
// A layer that nothing was looked at for does not hold.
#include "core/layers.h"

#include <algorithm>

#include "core/host_settings.h"

namespace curfew {
namespace {

constexpr const char* kSetupSshd = "curfew-agent setup sshd";
constexpr const char* kAnewSshd = "curfew-agent setup sshd --undo, then curfew-agent setup sshd";

class Checks {
 public:
  void Add(Layer layer, std::string name, const Look& look, std::string fix) {
    list_.push_back({layer, std::move(name), look.flaw, look.what, std::move(fix), true});
  }
  /// Something that this host's programs cannot do; nothing to mend.
  void Cannot(Layer layer, std::string name, std::string flaw) {
    list_.push_back({layer, std::move(name), std::move(flaw), {}, {}, false});
  }
  void Unit(Layer layer, const char* unit, bool active) {
    Add(layer, unit, Look{"active", active ? "" : "not active"}, "systemctl enable --now " + std::string(unit));
  }
  [[nodiscard]] std::vector<LayerCheck> List() && { return std::move(list_); }

 private:
  std::vector<LayerCheck> list_;
};

std::string Named(const SudoProgram& sudo) {
  const std::string kind = sudo.rs ? "sudo-rs" : "sudo";
  return sudo.path + " (" + kind + (sudo.version.empty() ? "" : " " + sudo.version) + ")";
}

void AddSudo(Checks& checks, const LayerFacts& facts) {
  Look found{{}, facts.sudos.empty() ? "no set-uid sudo here" : ""};
  for (const auto& sudo : facts.sudos) found.what += (found.what.empty() ? "" : ", ") + Named(sudo);
  checks.Add(Layer::kNativeSudo, "sudo", found, "apt install sudo");
  for (const auto& sudo : facts.sudos) {
    // Whoever holds a rule would take the program that cannot read its date.
    if (sudo.rs || !SudoReadsDates(sudo.version)) {
      checks.Cannot(Layer::kNativeSudo, "sudo dates", Named(sudo) + " reads no dates in rules: that layer does not hold here");
    }
  }
  checks.Add(Layer::kNativeSudo, "sudoers includes", facts.sudoers_folder, "add to /etc/sudoers: @includedir /etc/sudoers.d");
  checks.Add(Layer::kNativeSudo, "sudoers line", facts.sudoers_line, "curfew-agent setup sudoers");
  checks.Add(Layer::kNativeSudo, "visudo", facts.sudoers_tree, "mend sudo's own configuration: visudo -c");
}

void AddSshd(Checks& checks, const std::optional<SshdFacts>& sshd) {
  if (!sshd) return checks.Cannot(Layer::kNativeKey, "sshd", "no sshd here, so no login by key");
  checks.Add(Layer::kNativeKey, "sshd -t", sshd->test, "mend sshd's configuration");
  checks.Add(Layer::kNativeKey, "sshd block", sshd->block, kSetupSshd);
  for (const auto& account : sshd->bound) {
    checks.Add(Layer::kNativeKey, "sshd for " + account.what, Look{"only with a live grant", account.flaw}, kSetupSshd);
  }
  for (const auto& account : sshd->free) {
    checks.Add(Layer::kNativeKey, "sshd for " + account.what, Look{"as if Curfew were not here", account.flaw}, kAnewSshd);
  }
  if (!SshdReadsUtc(sshd->version)) {
    checks.Cannot(Layer::kNativeKey, "sshd dates", "OpenSSH " + sshd->version + " reads no dates in UTC: that layer does not hold here");
  }
}

}  // namespace

const char* Word(Layer layer) {
  constexpr const char* kWords[] = {"native_sudo", "native_key", "timer", "pam", "reaper", "tmpfs"};
  return kWords[static_cast<std::size_t>(layer)];
}

std::vector<LayerCheck> ChecksOf(const LayerFacts& facts) {
  Checks checks;
  checks.Unit(Layer::kTimer, "curfew-enforcer.service", facts.enforcer);
  checks.Unit(Layer::kReaper, "curfew-reaper.timer", facts.reaper);
  checks.Unit(Layer::kPam, "curfew-gate.socket", facts.gate);
  checks.Add(Layer::kTmpfs, "tmpfs", facts.tmpfs, "mount a tmpfs on /run");
  AddSudo(checks, facts);
  AddSshd(checks, facts.sshd);
  checks.Add(Layer::kPam, "pam module", facts.pam_module, "reinstall the package curfew-agent");
  checks.Add(Layer::kPam, "pam profile", facts.pam_profile, "curfew-agent setup pam");
  return std::move(checks).List();
}

std::set<Layer> LayersOf(const LayerFacts& facts) {
  std::set<Layer> holding;
  std::set<Layer> flawed;
  for (const auto& check : ChecksOf(facts)) (check.flaw.empty() ? holding : flawed).insert(check.layer);
  std::erase_if(holding, [&](Layer layer) { return flawed.contains(layer); });
  return holding;
}

}  // namespace curfew
