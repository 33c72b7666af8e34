// SPDX-License-Identifier: Apache-2.0
// In the order that leaves nobody in and locks nobody out: end access, stop asking, forget.
#include "agent/tool/leave.h"

#include <cstdio>

#include "agent/tool/enforcer_wire.h"
#include "agent/tool/link_folder.h"
#include "agent/tool/setup.h"
#include "agent/tool/units.h"
#include "os/directory.h"
#include "os/users.h"

namespace curfew {
namespace {

constexpr const char* kAside = ".aside";

Result<void> ForgetLink(const Paths& paths) {
  const auto owner = LookUpUser("curfew");
  const auto group = LookUpGroup("curfew");
  if (!owner || !*owner || !group || !*group) return {};
  const auto folder = LinkFolder::Open(paths.root + "/var/lib/curfew-link", **owner, **group);
  if (!folder) return Failure(folder.error());
  for (const char* name : {"link.crt", "link.key", "ca.crt"}) {
    if (auto gone = folder->Remove(name); !gone) return gone;
  }
  return {};
}

Result<void> ForgetController(const Paths& paths) {
  const auto config = Directory::Open(paths.Config());
  if (!config && config.error().code == Errc::kNotFound) return {};
  if (!config) return Failure(config.error());
  for (const char* name : {"agent.toml", "trusted_root.json"}) {
    if (auto gone = config->Remove(name, kAside); !gone) return gone;
  }
  return {};
}

Result<void> Forget(const Paths& paths) {
  if (auto stopped = Systemctl({"stop", "curfew-link.service"}); !stopped) return stopped;
  if (auto gone = ForgetLink(paths); !gone) return gone;
  if (auto gone = ForgetController(paths); !gone) return gone;
  return Systemctl({"restart", "curfew-enforcer.service"});
}

}  // namespace

Exit Leave(const Paths& paths) {
  const auto revoked = EnforcerClient(paths.LinkSocket()).RevokeAll();
  if (!revoked) return Complain(revoked.error());
  const Exit undone = Setup({"all", false, true}, paths);
  if (undone != Exit::kDone) return undone;
  if (const auto forgotten = Forget(paths); !forgotten) return Complain(forgotten.error());
  std::puts("this host has left; remove it at the controller too: curfew-controller host remove");
  return Exit::kDone;
}

}  // namespace curfew
