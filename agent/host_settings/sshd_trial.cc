// SPDX-License-Identifier: Apache-2.0
// Without our file, then with it: the first must hold for the second to mean anything.
#include "agent/host_settings/sshd_trial.h"

#include <algorithm>

#include "agent/host_settings/sshd.h"
#include "os/directory.h"

namespace curfew {
namespace {

constexpr std::size_t kMostConfig = std::size_t{1} << 20U;
constexpr std::size_t kMostNames = 1000;
constexpr std::size_t kMostProved = 32;

class Trial {
 public:
  Trial(const Paths& paths, Sshd sshd, const Directory& run, const SshdCandidate& candidate)
      : paths_(paths), sshd_(std::move(sshd)), run_(run), candidate_(candidate) {}

  /// Makes the configuration, with or without our file, and tests it.
  [[nodiscard]] Result<void> SetUp(bool with_ours) const {
    const auto config = ReadTrustedFile(paths_.SshdConfig(), kMostConfig);
    if (!config) return Failure(config.error());
    const auto folder = Directory::Open(paths_.SshdDropIns());
    if (!folder) return Failure(folder.error());
    const auto entries = folder->List(kMostNames);
    if (!entries) return Failure(entries.error());
    DropIns drop_ins{paths_.SshdDropIns(), {}};
    for (const auto& entry : *entries) drop_ins.names.push_back(entry.name);
    const auto text = SshdConfigWith(*config, drop_ins, with_ours ? candidate_.path : std::string());
    if (!text) return Failure(text.error());
    if (auto wrote = run_.Write(candidate_.config, *text, 0600, Durable::kNo); !wrote) return wrote;
    return sshd_.Test(Config());
  }

  [[nodiscard]] Result<std::string> TextFor(const std::string& account) const { return sshd_.SettingsText(Config(), account); }

  [[nodiscard]] Result<void> MustBind(const std::string& account) const {
    const auto settings = sshd_.SettingsOf(Config(), account);
    if (!settings) return Failure(settings.error());
    const std::string flaw = FlawOfManaged(*settings);
    return flaw.empty() ? Result<void>{} : Unproved("our block does not hold for " + account + ": " + flaw);
  }

  [[nodiscard]] static Failure Unproved(const std::string& what) {
    return Fail(Errc::kConflict, what, "sshd -T", "nothing was changed");
  }

 private:
  [[nodiscard]] std::string Config() const { return run_.Path() + "/" + candidate_.config; }
  const Paths& paths_;
  Sshd sshd_;
  const Directory& run_;
  const SshdCandidate& candidate_;
};

Result<std::string> Prove(const Trial& trial, const std::vector<std::string>& bystanders, const std::vector<Gated>& managed) {
  if (auto sound = trial.SetUp(false); !sound) {
    Error error = sound.error();
    error.what = "it does not work as it is without us: " + error.what;
    return Failure(error);
  }
  std::vector<std::string> before;
  for (const auto& account : bystanders) {
    auto text = trial.TextFor(account);
    if (!text) return text;
    before.push_back(*std::move(text));
  }
  if (auto sound = trial.SetUp(true); !sound) return Failure(sound.error());
  for (std::size_t i = 0; i < bystanders.size(); ++i) {
    const auto after = trial.TextFor(bystanders[i]);
    if (!after) return after;
    if (*after != before[i]) return Trial::Unproved("our block would change sshd for " + bystanders[i]);
  }
  std::string proved = bystanders.front() + " and " + bystanders.back() + " unchanged";
  std::size_t count = 0;
  for (const auto& account : managed) {
    if (!account.gate.login || ++count > kMostProved) continue;
    if (auto bound = trial.MustBind(account.name.Text()); !bound) return Failure(bound.error());
    proved += ", " + account.name.Text() + " bound";
  }
  return proved;
}

}  // namespace

Result<std::string> ProveSshdBlock(const Paths& paths, const std::vector<Gated>& managed, const SshdCandidate& candidate) {
  auto sshd = Sshd::Find(paths);
  if (!sshd) return Failure(sshd.error());
  auto run = Directory::Open(paths.Run());
  if (!run) return Failure(run.error());
  const auto passwd = ReadTrustedFile(paths.root + "/etc/passwd", kMostConfig);
  const std::vector<std::string> bystanders{"root", FirstUnmanaged(passwd.value_or(""), managed)};
  const Trial trial(paths, *std::move(sshd), *run, candidate);
  auto proved = Prove(trial, bystanders, managed);
  static_cast<void>(run->Remove(candidate.config, candidate.config + ".aside"));
  return proved;
}

}  // namespace curfew
