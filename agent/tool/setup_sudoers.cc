// SPDX-License-Identifier: Apache-2.0
// /etc/sudoers.d/curfew: one line that brings in /run/curfew/sudoers.d. Checked alone before it takes its name, and the
// whole tree after; a tree that was broken before us is not touched.
#include "agent/host_settings/sudoers_file.h"
#include "agent/tool/setup.h"
#include "os/directory.h"

namespace curfew {
namespace {

constexpr const char* kAside = ".curfew.aside";
constexpr const char* kFresh = ".curfew.new";  // sudoers(5): a name with a dot is not read
constexpr mode_t kMode = 0440;

class Sudoers final : public SetupPart {
 public:
  explicit Sudoers(Paths paths) : paths_(std::move(paths)), folder_(paths_.root + "/etc/sudoers.d") {}
  [[nodiscard]] std::string Name() const override { return "sudoers"; }

  [[nodiscard]] Result<std::string> Preview() const override {
    auto ready = Ready();
    if (!ready) return Failure(ready.error());
    if (*ready) return "nothing to do, " + Path() + " is as it should be";
    return "write " + Path() + " (0440): " + std::string(kSudoersInclude);
  }

  [[nodiscard]] Result<std::string> Do() const override {
    auto ready = Ready();
    if (!ready) return Failure(ready.error());
    if (*ready) return Path() + " is as it should be";
    auto folder = Directory::Open(folder_);
    if (!folder) return Failure(folder.error());
    if (auto checked = CheckAlone(*folder); !checked) return Failure(checked.error());
    if (auto put = folder->Replace(kSudoersName, SudoersText(), kMode, Durable::kYes); !put)
      return Failure(put.error());
    const auto whole = CheckSudoersTree(paths_);
    if (whole) return "wrote " + Path();
    if (auto back = folder->Remove(kSudoersName, kAside); !back) return Failure(back.error());
    return Failure(whole.error());
  }

  [[nodiscard]] Result<std::string> Undo() const override {
    auto folder = Directory::Open(folder_);
    if (!folder && folder.error().code == Errc::kNotFound) return "nothing to undo";
    if (!folder) return Failure(folder.error());
    if (auto gone = folder->Remove(kSudoersName, kAside); !gone) return Failure(gone.error());
    return "removed " + Path();
  }

 private:
  [[nodiscard]] std::string Path() const { return folder_ + "/" + kSudoersName; }

  /// True when it is done; an error when it cannot be.
  [[nodiscard]] Result<bool> Ready() const {
    if (auto whole = CheckSudoersTree(paths_); !whole) return Failure(whole.error());
    if (auto includes = CheckSudoersIncludes(paths_); !includes) return Failure(includes.error());
    return CheckSudoersLine(paths_).has_value();
  }

  [[nodiscard]] Result<void> CheckAlone(const Directory& folder) const {
    if (auto wrote = folder.Write(kFresh, SudoersText(), kMode, Durable::kNo); !wrote) return wrote;
    auto checked = CheckSudoersFile(paths_, folder.Path() + "/" + kFresh);
    auto gone = folder.Remove(kFresh, kAside);
    return checked ? gone : checked;
  }

  Paths paths_;
  std::string folder_;
};

}  // namespace

std::unique_ptr<SetupPart> SudoersPart(const Paths& paths) {
  return std::make_unique<Sudoers>(paths);
}

}  // namespace curfew
