// SPDX-License-Identifier: Apache-2.0
// A host that has just joined has lost nothing: it waits for its first bundle.
#include "agent/enforcer/turn/losses.h"

namespace curfew {
namespace {

constexpr const char* kNoBundle = "the bundle of this host is lost";
constexpr const char* kRemedy =
    "; nothing is granted and the gates stay as they are until the controller sends it again; see: systemctl status curfew-link";
constexpr const char* kUntilRestart = "; what is in force goes on, but could not be verified again after a restart; run: curfew-agent join";

std::string WhyUnread(const InForce& in_force) {
  const char* both = in_force.untrusted.empty() || in_force.unreadable.empty() ? "" : "; ";
  return in_force.untrusted + both + in_force.unreadable;
}

std::string WhyNoTime(const InForce& in_force) {
  return "the clock was set back before " + Rfc3339(LatestSigned(in_force.time)) +
         ", a time that the controller signed; nothing is granted until it is right or the controller is heard; see: timedatectl";
}

}  // namespace

void SayWhatIsLost(const InForce& in_force, bool gated, Alarms& alarms, const Now& now) {
  const std::string why = WhyUnread(in_force);
  if (in_force.IsBlind() && (gated || !why.empty())) {
    alarms.Raise("bundle", (why.empty() ? kNoBundle : why) + kRemedy, now.utc);
  } else if (!why.empty()) {
    alarms.Raise("bundle", why + kUntilRestart, now.utc);
  } else {
    alarms.Clear("bundle", now.utc);
  }
  if (now.utc < in_force.facts.not_before) {
    alarms.Raise("clock", WhyNoTime(in_force), now.utc, EventKind::kHighestTime);
  } else {
    alarms.Clear("clock", now.utc);
  }
}

}  // namespace curfew
