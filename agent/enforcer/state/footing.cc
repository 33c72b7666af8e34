// SPDX-License-Identifier: Apache-2.0
// Each failure says what to do: this is what an administrator reads in `systemctl status`.
#include "agent/enforcer/state/footing.h"

#include <algorithm>

#include "os/directory.h"
#include "os/file_lock.h"
#include "os/machine.h"

namespace curfew {
namespace {

// The reaper holds the lock as long as it runs, mostly for some milliseconds.
constexpr Millis kPatience{3000};
constexpr std::size_t kMostEntries = 1000;
// The names that SQLite gives to what belongs to a database, and what we keep a damaged one as: the first, which tells most, and
// the latest.
constexpr const char* kLogs[] = {"-wal", "-shm", "-journal"};
constexpr const char* kFirstDamaged = ".damaged";
constexpr const char* kLatestDamaged = ".damaged-latest";

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

struct State {
  StateFile store;
  Remembered remembered;
  std::optional<std::uint64_t> left_behind;
};

Result<State> OpenState(const Paths& paths, const std::string& boot, const Result<std::optional<Identity>>& identity) {
  auto store = StateFile::Open(paths.Database(), boot);
  if (!store) return Failure(store.error());
  std::optional<std::uint64_t> left_behind;
  if (identity && *identity) {
    auto belongs = store->BelongTo((*identity)->owner);
    if (!belongs) return Failure(belongs.error());
    left_behind = *belongs;
  }
  // Nobody's word counts on a host that has not joined: what is here waits for whoever it belongs to.
  const bool has_left = identity && !*identity;
  auto remembered = has_left ? store->LoadSpool() : store->Load();
  if (!remembered) return Failure(remembered.error());
  return State{*std::move(store), *std::move(remembered), left_behind};
}

// Without a state the enforcer takes everything away and gives nothing; without the enforcer all would stay until its time.
// The database goes first: alone, without its log of writes, it would be an older state in which grants that ended live again.
// A log that a crash leaves behind is dropped, SQLite reads none into an empty file; ours are kept to be read by hand.
Result<std::string> SetAside(const Paths& paths) {
  const auto folder = Directory::Open(paths.State());
  if (!folder) return Failure(folder.error());
  const std::string name = paths.Database().substr(paths.Database().rfind('/') + 1);
  const auto is_first = [&](const Entry& entry) { return entry.name == name + kFirstDamaged; };
  const auto entries = folder->List(kMostEntries);
  const bool is_second = !entries || std::any_of(entries->begin(), entries->end(), is_first);
  const std::string kept = name + (is_second ? kLatestDamaged : kFirstDamaged);
  if (auto moved = folder->Rename(name, kept); !moved) return Failure(moved.error());
  for (const char* log : kLogs) {
    if (!folder->Rename(name + log, kept + log)) static_cast<void>(folder->Remove(kept + log, kept + ".aside"));
  }
  return paths.State() + "/" + kept;
}

}  // namespace

Result<Footing> FindFooting(const Paths& paths) {
  if (auto folders = CheckFolders(paths); !folders) return Failure(folders.error());
  auto lock = LockFile(paths.Lock(), kPatience);
  if (!lock && lock.error().code == Errc::kConflict) {
    return Fail(Errc::kConflict, "the lock is held: another curfew-enforcer runs, or curfew-reaper ends sessions", paths.Lock(),
                "see: systemctl status curfew-enforcer curfew-reaper");
  }
  if (!lock) return Failure(lock.error());
  auto boot = BootId();
  if (!boot) return Failure(boot.error());
  auto identity = ReadIdentity(paths);
  auto state = OpenState(paths, *boot, identity);
  std::optional<Damage> damage;
  if (!state && state.error().code == Errc::kMalformed) {
    const auto kept = SetAside(paths);
    if (!kept) return Failure(kept.error());
    damage = Damage{state.error(), *kept};
    state = OpenState(paths, *boot, identity);
  }
  if (!state) return Failure(state.error());
  auto tree = CgroupTree::Find();
  if (!tree) return Failure(tree.error());
  return Footing{*std::move(lock),
                 std::make_shared<StateFile>(std::move(state->store)),
                 std::move(state->remembered),
                 std::move(damage),
                 identity ? *identity : std::nullopt,
                 identity ? std::nullopt : std::optional<Error>(identity.error()),
                 state->left_behind,
                 *std::move(tree),
                 NameOfHost()};
}

}  // namespace curfew
