// SPDX-License-Identifier: Apache-2.0
// The PAM profiles of the package, switched on and off by the system's own tool; no file is edited by us. On only when
// the module is there and the gate answers: else managed accounts would be refused for nothing.
#include "agent/host_settings/pam_profile.h"
#include "agent/host_settings/said.h"
#include "agent/tool/enforcer_wire.h"
#include "agent/tool/setup.h"

namespace curfew {
namespace {

constexpr const char* kTool = "/usr/sbin/pam-auth-update";
constexpr const char* kForceHint =
    "common-* were changed by hand, and pam-auth-update keeps them so: compare, then run pam-auth-update --force";

Result<void> Update(const char* action) {
  const auto said = Run({kTool, "--package", action, "curfew", "curfew-hint"});
  if (!said) return Failure(said.error());
  if (!said->Ok()) return Fail(Errc::kSystem, said->FirstLine(), std::string(kTool) + " " + action);
  return {};
}

class PamSetup final : public SetupPart {
 public:
  explicit PamSetup(Paths paths) : paths_(std::move(paths)) {}
  [[nodiscard]] std::string Name() const override { return "pam"; }

  [[nodiscard]] Result<std::string> Preview() const override {
    if (auto module = FindPamModule(paths_); !module) return module;
    const auto flaw = FlawOfProfile(paths_);
    if (!flaw) return flaw;
    if (flaw->empty()) return std::string("nothing to do, the profile is on");
    return std::string("run pam-auth-update --enable curfew curfew-hint");
  }

  [[nodiscard]] Result<std::string> Do() const override {
    if (auto module = FindPamModule(paths_); !module) return module;
    const auto status = EnforcerClient(paths_.LinkSocket()).Status();
    if (!status) return Failure(status.error());
    if (auto done = Update("--enable"); !done) return Failure(done.error());
    const auto flaw = FlawOfProfile(paths_);
    if (!flaw) return flaw;
    if (!flaw->empty()) return Fail(Errc::kConflict, *flaw, kTool, kForceHint);
    return std::string("profiles curfew and curfew-hint are on");
  }

  [[nodiscard]] Result<std::string> Undo() const override {
    if (auto done = Update("--disable"); !done) return Failure(done.error());
    const auto trace = TraceOfProfile(paths_);
    if (!trace) return trace;
    if (!trace->empty()) return Fail(Errc::kConflict, *trace, kTool, kForceHint);
    return std::string("profiles curfew and curfew-hint are off");
  }

 private:
  Paths paths_;
};

}  // namespace

std::unique_ptr<SetupPart> PamPart(const Paths& paths) { return std::make_unique<PamSetup>(paths); }

}  // namespace curfew
