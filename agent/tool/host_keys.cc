// SPDX-License-Identifier: Apache-2.0
// Seeds in files below the state folder.
#include "agent/tool/host_keys.h"

#include "os/directory.h"

namespace curfew {
namespace {

constexpr std::size_t kSeedSize = 32;
constexpr mode_t kSecret = 0600;

Result<PrivateKey> KeepKey(const Directory& state, const std::string& name) {
  auto seen = state.Read(name, kSeedSize);
  if (!seen) return Failure(seen.error());
  if (*seen) {
    const FileText& file = **seen;
    if (file.owner != 0 || (file.mode & 077U) != 0) {
      return Fail(Errc::kRefused, "others can read this key", state.Path() + "/" + name, "chown root and chmod 600 it");
    }
    return PrivateKey::FromSeed(file.text);
  }
  auto key = PrivateKey::Generate();
  if (!key) return key;
  auto written = state.Replace(name, key->Seed(), kSecret, Durable::kYes);
  if (!written) return Failure(written.error());
  return key;
}

Result<Directory> StateFolder(const Paths& paths) {
  auto durable = Directory::Open(paths.Durable());
  if (!durable) return durable;
  if (auto made = durable->MakeChild("state", 0700); !made) return Failure(made.error());
  return Directory::Open(paths.State());
}

}  // namespace

Result<HostKeys> KeepHostKeys(const Paths& paths) {
  auto parent = Directory::Open(paths.root + "/var/lib");
  if (!parent) return Failure(parent.error());
  if (auto made = parent->MakeChild("curfew", 0755); !made) return Failure(made.error());
  auto state = StateFolder(paths);
  if (!state) return Failure(state.error());
  auto identity = KeepKey(*state, "identity.key");
  if (!identity) return Failure(identity.error());
  auto audit = KeepKey(*state, "audit.key");
  if (!audit) return Failure(audit.error());
  return HostKeys{std::move(*identity), std::move(*audit)};
}

}  // namespace curfew
