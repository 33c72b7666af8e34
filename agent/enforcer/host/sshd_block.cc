// SPDX-License-Identifier: Apache-2.0
// test before → settings before → our text → test and settings after → reload, or the earlier text again.
#include "agent/enforcer/host/sshd_block.h"

#include "core/host_files.h"
#include "os/directory.h"
#include "os/machine.h"
#include "os/system_bus.h"

namespace curfew {
namespace {

constexpr std::size_t kMostBlock = std::size_t{1} << 20U;
constexpr std::size_t kMostProved = 32;  // each costs sshd 20 ms; the text is the same for all
constexpr const char* kAbout = "sshd";

Result<void> ReloadSshd() {
  for (const char* unit : {"ssh.service", "sshd.service"}) {
    auto active = IsUnitActive(unit);
    if (!active) return Failure(active.error());
    if (*active) return ReloadUnit(unit);
  }
  return {};
}

}  // namespace

void SshdBlock::Keep(const std::vector<Gated>& managed) {
  if (change_) return;
  const auto folder = Directory::Open(paths_.SshdDropIns());
  if (!folder) return;
  const auto file = folder->Read(kSshdFile, kMostBlock);
  if (file && !*file) return;
  Change change;
  if (file) change.before = (*file)->text;
  change.after = RenderSshdBlock(managed);
  const bool right = file && change.before == change.after && (*file)->owner == 0 && ((*file)->mode & 022U) == 0;
  if (right || failed_ == change.after) return;
  change.watched = {"root", "nobody"};
  for (const auto& account : managed) {
    if (account.gate.login && change.confined.size() < kMostProved) change.confined.push_back(account.name.Text());
  }
  Begin(std::move(change));
}

void SshdBlock::Begin(Change change) {
  change_ = std::move(change);
  proof_.Ask(change_->watched, [this](Result<std::vector<std::string>> settings) {
    if (!settings) return GiveUp("nothing was changed, for it does not work as it is: " + settings.error().Text());
    change_->baseline = *std::move(settings);
    Replace();
  });
}

void SshdBlock::Replace() {
  if (auto put = Put(change_->after); !put) return GiveUp(put.error().Text());
  auto accounts = change_->watched;
  accounts.insert(accounts.end(), change_->confined.begin(), change_->confined.end());
  proof_.Ask(std::move(accounts), [this](const Result<std::vector<std::string>>& settings) { Judge(settings); });
}

void SshdBlock::Judge(const Result<std::vector<std::string>>& settings) {
  std::string why = settings ? "" : settings.error().Text();
  for (std::size_t i = 0; why.empty() && i < settings->size(); ++i) {
    const bool watched = i < change_->watched.size();
    if (watched && (*settings)[i] != change_->baseline[i]) why = "our block would change sshd for " + change_->watched[i];
    if (!watched) {
      const std::string missing = WhyNotConfined((*settings)[i]);
      if (!missing.empty()) why = "our block does not hold for " + change_->confined[i - change_->watched.size()] + ": " + missing;
    }
  }
  if (why.empty()) return Reload();
  const auto restored = Put(change_->before);
  GiveUp(why + (restored ? "; the earlier text stands again" : "; and the earlier text could not be put back: " + restored.error().Text()));
}

void SshdBlock::Retry() {
  failed_.clear();
  if (!unread_ || change_) return;
  change_.emplace();
  Reload();
}

void SshdBlock::Reload() {
  slow_.Ask(ReloadSshd, [this](const Result<void>& done) {
    unread_ = !done;
    if (!done) return GiveUp("the block is in place, but sshd has not read it: " + done.error().Text());
    change_.reset();
    alarms_.Clear(kAbout, ReadNow().utc);
    waker_.Wake();
  });
}

void SshdBlock::GiveUp(const std::string& why) {
  failed_ = change_->after;
  change_.reset();
  alarms_.Raise(kAbout, paths_.SshdDropIns() + "/" + kSshdFile + ": " + why, ReadNow().utc);
  waker_.Wake();
}

Result<void> SshdBlock::Put(const std::string& text) const {
  const auto folder = Directory::Open(paths_.SshdDropIns());
  if (!folder) return Failure(folder.error());
  return folder->Replace(kSshdFile, text, 0644, Durable::kYes);
}

}  // namespace curfew
