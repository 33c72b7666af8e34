// SPDX-License-Identifier: Apache-2.0
// The words hold control groups and numbers only.
#include "agent/enforcer/sessions/over_grant.h"

#include "os/machine.h"

namespace curfew {

OverGrant OverOf(const KnownGrant& known) {
  return {known.id, known.account, known.uid, known.login, known.sudo, known.reached == Reached::kProved, known.right};
}

Event EventAfter(const GrantId& grant, EventKind kind, Severity severity, const std::string& detail) {
  Event event = DraftEvent(ReadNow().utc, kind, severity, detail);
  event.grant = grant.Text();
  return event;
}

Event SessionEvent(const EndedSession& ended) {
  const std::string what = "session in " + ended.session.scope;
  if (ended.gone) return EventAfter(ended.session.grant, EventKind::kSessionEnded, Severity::kInfo, what);
  const std::string outcome = ended.seen ? std::to_string(ended.survivors.size()) + " processes live on" : "cannot be looked at";
  return EventAfter(ended.session.grant, EventKind::kResidual, Severity::kAlarm, what + "; " + outcome);
}

}  // namespace curfew
