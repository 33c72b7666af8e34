// SPDX-License-Identifier: Apache-2.0
// In the order that leaves nobody in and locks nobody out: end access, stop asking, tell, forget.
#include "agent/tool/leave.h"

#include <cstdio>

#include "agent/tool/enforcer_wire.h"
#include "agent/tool/link_folder.h"
#include "agent/tool/own_name.h"
#include "agent/tool/setup.h"
#include "agent/tool/units.h"
#include "os/directory.h"
#include "os/users.h"

namespace curfew {
namespace {

constexpr const char* kAside = ".aside";
constexpr Seconds kLongestDelivery{30};

Result<void> ForgetLink(const Paths& paths) {
  const auto owner = LookUpUser("curfew");
  const auto group = LookUpGroup("curfew");
  if (!owner || !*owner || !group || !*group) return {};
  const auto folder = LinkFolder::Open(paths.root + "/var/lib/curfew-link", **owner, **group);
  if (!folder) return Failure(folder.error());
  for (const char* name : {"link.pem", "ca.crt"}) {
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

// The state stays: without its marks and ends an old bundle would give again, after the next join, what was revoked before.
Result<void> Forget(const Paths& paths) {
  if (auto stopped = Systemctl({"stop", "curfew-link.service", "curfew-enforcer.service"}); !stopped) return stopped;
  if (auto gone = ForgetLink(paths); !gone) return gone;
  if (auto gone = ForgetController(paths); !gone) return gone;
  return Systemctl({"start", "curfew-enforcer.service"});
}

void Note(const std::string& what) { static_cast<void>(std::fputs(("curfew-agent: note: " + what + "\n").c_str(), stderr)); }

// What a host has forgotten it cannot end.
void WarnOfForgotten(const EnforcerClient& enforcer) {
  const auto status = enforcer.Status();
  if (!status || !status->enrolled || status->version != 0) return;
  Note("this host has no bundle in force: all that it knows of has ended, but a grant that was lost with its state comes back "
       "with the bundle: end it at the controller, too: curfew revoke ID");
}

}  // namespace

Exit EndEveryGrant(const Paths& paths, Undurable undurable) {
  const EnforcerClient enforcer(paths.LinkSocket());
  const auto not_durable = enforcer.RevokeAll();
  if (!not_durable) return Complain(not_durable.error());
  WarnOfForgotten(enforcer);
  if (not_durable->empty()) return Exit::kDone;
  const std::string said = "every grant has ended, but the disk has no record of it yet: " + *not_durable;
  const std::string until = "before `curfew-agent status` shows no alarm";
  if (undurable == Undurable::kFails) {
    return Complain(Error{Errc::kSystem, said, "curfew-agent", "it is tried again: do not leave " + until});
  }
  Note(said + "; it is tried again: do not restart this host " + until);
  return Exit::kDone;
}

Exit AwaitProofs(const Paths& paths, const char* otherwise) {
  const auto status = EnforcerClient(paths.LinkSocket()).AwaitDelivery(kLongestDelivery);
  if (!status) return Complain(status.error());
  if (IsSettled(*status)) {
    std::puts("the controller has the proofs");
    return Exit::kDone;
  }
  Note("the controller has not heard of " + std::to_string(status->spool_depth + status->proofs_owed) +
       " events, proofs of ends among them (" + (status->link ? "it is slow to answer" : "the link is down") + "): " + otherwise);
  return Exit::kDone;
}

Exit Leave(const Paths& paths) {
  if (const Exit ended = EndEveryGrant(paths, Undurable::kFails); ended != Exit::kDone) return ended;
  const Exit undone = Setup({"all", false, true}, paths);
  if (undone != Exit::kDone) return undone;
  const Exit waited =
      AwaitProofs(paths, "they wait here for the day this host joins it again, and it shows those grants as UNCONFIRMED until then, or "
                         "until the latest moment they could last");
  if (waited != Exit::kDone) return waited;
  const auto joined = ReadJoined(paths);
  if (const auto forgotten = Forget(paths); !forgotten) return Complain(forgotten.error());
  if (joined) {
    std::printf("this host has left; remove it at the controller too: curfew-controller host remove %s\n", joined->name.Text().c_str());
  } else {
    std::puts("this host has not joined; nothing of a controller is left here");
  }
  return Exit::kDone;
}

}  // namespace curfew
