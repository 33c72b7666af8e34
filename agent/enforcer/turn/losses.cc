// SPDX-License-Identifier: Apache-2.0
// A host that has just joined has lost nothing: it waits for its first bundle.
#include "agent/enforcer/turn/losses.h"

namespace curfew {
namespace {

constexpr const char* kNoBundle = "the bundle of this host is lost";
constexpr const char* kRemedy =
    "; nothing is granted and the gates stay as they are until the controller sends it again; see: systemctl status curfew-link";
constexpr const char* kUntilRestart = "; what is in force goes on, but could not be verified again after a restart; run: curfew-agent join";

std::string WhyNoTime(const InForce& in_force) {
  return "the clock was set back before " + Rfc3339(LatestSigned(in_force.time)) +
         ", a time that the controller signed; nothing is granted until it is right or the controller is heard; see: timedatectl";
}

}  // namespace

void SayWhatIsLost(const InForce& in_force, bool gated, Alarms& alarms, const Now& now) {
  if (in_force.IsBlind() && (gated || !in_force.unreadable.empty())) {
    alarms.Raise("bundle", (in_force.unreadable.empty() ? kNoBundle : in_force.unreadable) + kRemedy, now.utc);
  } else if (!in_force.unreadable.empty()) {
    alarms.Raise("bundle", in_force.unreadable + kUntilRestart, now.utc);
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
