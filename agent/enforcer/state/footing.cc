// SPDX-License-Identifier: Apache-2.0
// Each failure says what to do: this is what an administrator reads in `systemctl status`.
#include "agent/enforcer/state/footing.h"

#include <algorithm>

#include "os/directory.h"
#include "os/file_lock.h"
#include "os/machine.h"

namespace curfew {
namespace {

// The reaper holds the lock for some milliseconds each time it runs.
constexpr Millis kPatience{3000};

HostName NameOfHost() {
  std::string text = MachineName().value_or("localhost");
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char letter) { return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + 32) : letter; });
  auto name = HostName::Parse(text);
  return name ? *name : *HostName::Parse("localhost");
}

Result<void> CheckFolders(const Paths& paths) {
  for (const auto& path : {paths.Durable(), paths.State()}) {
    auto folder = Directory::Open(path);
    if (!folder) {
      Error error = folder.error();
      if (error.hint.empty()) error.hint = "install the package curfew-agent again";
      return Failure(std::move(error));
    }
  }
  return {};
}

}  // namespace

Result<Footing> FindFooting(const Paths& paths) {
  if (auto folders = CheckFolders(paths); !folders) return Failure(folders.error());
  auto lock = LockFile(paths.Lock(), kPatience);
  if (!lock && lock.error().code == Errc::kConflict) {
    return Fail(Errc::kConflict, "another curfew-enforcer runs", paths.Lock(), "see: systemctl status curfew-enforcer");
  }
  if (!lock) return Failure(lock.error());
  auto boot = BootId();
  if (!boot) return Failure(boot.error());
  auto store = StateFile::Open(paths.Database(), *boot);
  if (!store) return Failure(store.error());
  auto remembered = store->Load();
  if (!remembered) return Failure(remembered.error());
  auto tree = CgroupTree::Find();
  if (!tree) return Failure(tree.error());
  auto identity = ReadIdentity(paths);
  return Footing{*std::move(lock),
                 std::make_shared<StateFile>(*std::move(store)),
                 *std::move(remembered),
                 identity ? *identity : std::nullopt,
                 identity ? std::nullopt : std::optional<Error>(identity.error()),
                 *std::move(tree),
                 NameOfHost()};
}

}  // namespace curfew
