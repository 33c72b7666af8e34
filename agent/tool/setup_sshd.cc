// SPDX-License-Identifier: Apache-2.0
// 00-curfew.conf: its existence is the admin's yes; from then on the enforcer keeps it, by the same steps (agent/host_settings/sshd_place.h).
#include "agent/host_settings/sshd_place.h"
#include "agent/tool/setup.h"
#include "core/host_files.h"

namespace curfew {
namespace {

class SshdSetup final : public SetupPart {
 public:
  explicit SshdSetup(Paths paths) : paths_(std::move(paths)) {}
  [[nodiscard]] std::string Name() const override { return "sshd"; }

  [[nodiscard]] Result<std::string> Preview() const override {
    const auto managed = ReadManaged(paths_);
    if (!managed) return Failure(managed.error());
    return "prove this by sshd -T, write it to " + Path() + " (0644), reload sshd:\n" + RenderSshdBlock(*managed);
  }

  [[nodiscard]] Result<std::string> Do() const override {
    const auto managed = ReadManaged(paths_);
    if (!managed) return Failure(managed.error());
    const auto proved = PlaceSshdBlock(paths_, *managed, SshdWriter::kSetup);
    if (!proved) return proved;
    return "wrote " + Path() + ", proved: " + *proved;
  }

  [[nodiscard]] Result<std::string> Undo() const override {
    if (auto gone = RemoveSshdBlock(paths_); !gone) return Failure(gone.error());
    return "removed " + Path();
  }

 private:
  [[nodiscard]] std::string Path() const { return paths_.SshdDropIns() + "/" + kSshdFile; }

  Paths paths_;
};

}  // namespace

std::unique_ptr<SetupPart> SshdPart(const Paths& paths) { return std::make_unique<SshdSetup>(paths); }

}  // namespace curfew
