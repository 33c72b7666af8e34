// SPDX-License-Identifier: Apache-2.0
// /etc/sudoers.d/curfew: one line that brings in /run/curfew/sudoers.d. Checked alone before it takes its name, and the
// whole tree after; a tree that was broken before us is not touched.
#include "agent/tool/programs_here.h"
#include "agent/tool/setup.h"
#include "agent/tool/sudoers_file.h"
#include "os/directory.h"

namespace curfew {
namespace {

constexpr const char* kAside = ".curfew.aside";
constexpr const char* kFresh = ".curfew.new";  // sudoers(5): a name with a dot is not read
constexpr mode_t kMode = 0440;

class Sudoers final : public SetupPart {
 public:
  explicit Sudoers(std::string folder) : folder_(std::move(folder)) {}
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
    const auto whole = CheckSudoersTree();
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
    if (auto whole = CheckSudoersTree(); !whole) return Failure(whole.error());
    if (auto includes = CheckSudoersIncludes(); !includes) return Failure(includes.error());
    auto folder = Directory::Open(folder_);
    if (!folder) return Failure(folder.error());
    auto seen = folder->Read(kSudoersName, kMostSudoersFile);
    if (!seen) return Failure(seen.error());
    return *seen && (*seen)->text == SudoersText() && (*seen)->mode == kMode && (*seen)->owner == 0;
  }

  [[nodiscard]] static Result<void> CheckAlone(const Directory& folder) {
    if (auto wrote = folder.Write(kFresh, SudoersText(), kMode, Durable::kNo); !wrote) return wrote;
    auto checked = CheckSudoersFile(folder.Path() + "/" + kFresh);
    auto gone = folder.Remove(kFresh, kAside);
    return checked ? gone : checked;
  }

  std::string folder_;
};

}  // namespace

std::unique_ptr<SetupPart> SudoersPart(const Paths& paths) {
  return std::make_unique<Sudoers>(paths.root + "/etc/sudoers.d");
}

}  // namespace curfew
