// SPDX-License-Identifier: Apache-2.0
// The words of the closed list of event kinds; scripts and dashboards match them, so a word never changes.
#include "core/event.h"

namespace curfew {

const char* Word(EventKind kind) {
  switch (kind) {
    case EventKind::kEnrolled: return "enrolled";
    case EventKind::kBundleAccepted: return "bundle-accepted";
    case EventKind::kReject: return "reject";
    case EventKind::kRollback: return "rollback";
    case EventKind::kEquivocation: return "equivocation";
    case EventKind::kOverCeiling: return "over-ceiling";
    case EventKind::kStale: return "stale";
    case EventKind::kGrantIntent: return "grant-intent";
    case EventKind::kGrantActive: return "grant-active";
    case EventKind::kGrantEnded: return "grant-ended";
    case EventKind::kGrantFailed: return "grant-failed";
    case EventKind::kSessionOpened: return "session-opened";
    case EventKind::kSessionWarned: return "session-warned";
    case EventKind::kSessionEnded: return "session-ended";
    case EventKind::kFrozen: return "frozen";
    case EventKind::kThawed: return "thawed";
    case EventKind::kResidual: return "residual";
    case EventKind::kDrift: return "drift";
    case EventKind::kRepaired: return "repaired";
    case EventKind::kTaint: return "taint";
    case EventKind::kReceipt: return "receipt";
    case EventKind::kHeartbeat: return "heartbeat";
    case EventKind::kRecovered: return "recovered";
    case EventKind::kClockStep: return "clock-step";
    case EventKind::kHighestTime: return "highest-time";
    case EventKind::kCapsuleTried: return "capsule-tried";
    case EventKind::kCapsuleUsed: return "capsule-used";
    case EventKind::kDenied: return "denied";
    case EventKind::kSpoolFull: return "spool-full";
    case EventKind::kUnknownOutcome: return "unknown-outcome";
  }
  return "unknown-outcome";
}

const char* Word(Severity severity) {
  switch (severity) {
    case Severity::kInfo: return "info";
    case Severity::kWarning: return "warning";
    case Severity::kAlarm: return "alarm";
  }
  return "alarm";
}

}  // namespace curfew
