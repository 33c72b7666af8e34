// SPDX-License-Identifier: Apache-2.0
// The work itself waits for sshd and systemd, so it is done on the worker (agent/host_settings/sshd_place.h).
#include "agent/enforcer/host/sshd_block.h"

#include "agent/host_settings/sshd_place.h"
#include "core/host_files.h"
#include "os/machine.h"

namespace curfew {
namespace {

constexpr const char* kAbout = "sshd";

}  // namespace

void SshdBlock::Keep(const std::vector<Gated>& managed) {
  if (busy_) return;
  const auto file = ReadSshdBlock(paths_);
  opted_in_ = !file || *file;
  if (!opted_in_) return;
  const std::string text = RenderSshdBlock(managed);
  if (told_ != text) told_ = SshdWasTold(paths_);
  const bool right = file && IsSshdBlock(**file, text) && told_ == text;
  if (right) alarms_.Clear(kAbout, ReadNow().utc);
  if (right || failed_ == text) return;
  busy_ = true;
  slow_.Ask([paths = paths_, managed] { return PlaceSshdBlock(paths, managed, SshdWriter::kEnforcer); },
            [this, text](const Result<std::string>& placed) { Take(text, placed); });
}

void SshdBlock::Take(const std::string& text, const Result<std::string>& placed) {
  busy_ = false;
  if (placed) {
    told_ = text;
  } else {
    failed_ = text;
    alarms_.Raise(kAbout, paths_.SshdDropIns() + "/" + kSshdFile + ": " + placed.error().Text(), ReadNow().utc);
  }
  waker_.Wake();
}

std::set<AccountName> SshdBlock::Unbound(const std::vector<Gated>& managed) const {
  std::set<AccountName> unbound;
  for (const auto& account : managed) {
    if (opted_in_ && account.gate.login && !SshdBlockNames(told_, account.name)) unbound.insert(account.name);
  }
  return unbound;
}

}  // namespace curfew
