// SPDX-License-Identifier: Apache-2.0
// The word of each reason: what logs, events and exit codes say. A word never changes.
#include "core/verdict.h"

namespace curfew {

const char* Word(Reason reason) {
  switch (reason) {
    case Reason::kMalformed: return "malformed";
    case Reason::kWrongPurpose: return "wrong-purpose";
    case Reason::kBadSignature: return "bad-signature";
    case Reason::kTooFewSignatures: return "too-few-signatures";
    case Reason::kOtherHost: return "other-host";
    case Reason::kRollback: return "rollback";
    case Reason::kEquivocation: return "equivocation";
    case Reason::kBrokenChain: return "broken-chain";
    case Reason::kBadWindow: return "bad-window";
    case Reason::kOverCeiling: return "over-ceiling";
    case Reason::kTooFewApprovals: return "too-few-approvals";
    case Reason::kUnknownExtension: return "unknown-extension";
    case Reason::kUnknownKey: return "unknown-key";
    case Reason::kNotEnrolled: return "not-enrolled";
    case Reason::kNoGrant: return "no-grant";
    case Reason::kNotGated: return "not-gated";
    case Reason::kNotAllowedPeer: return "not-allowed-peer";
    case Reason::kStorage: return "storage";
    case Reason::kBusy: return "busy";
  }
  return "malformed";
}

}  // namespace curfew
