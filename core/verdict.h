// SPDX-License-Identifier: Apache-2.0
// A refusal is a verdict, not an error: Verdict<A> is either Deny or the value that only an allowed step may hold.
#pragma once

#include <string>
#include <utility>
#include <variant>

namespace curfew {

/// Why something was refused. One closed list; `Word` is what logs, events and exit codes use.
enum class Reason {
  kMalformed,          ///< not a frame, message or text of ours
  kWrongPurpose,       ///< sealed for another purpose
  kBadSignature,       ///< no key of the role signed these bytes
  kTooFewSignatures,   ///< fewer distinct keys than the threshold
  kOtherHost,          ///< made for another host
  kRollback,           ///< older than what is in force
  kEquivocation,       ///< same version, other bytes
  kBrokenChain,        ///< next version, but its previous hash is not ours
  kBadWindow,          ///< ends before it starts
  kOverCeiling,        ///< more than the root-signed ceilings allow
  kTooFewApprovals,    ///< fewer approver signatures than the ceilings ask for
  kUnknownExtension,   ///< something that this version does not know, or reads and does not do
  kUnknownKey,         ///< no role table, or no role for this purpose
  kNotEnrolled,        ///< this host has joined no controller
  kNoGrant,            ///< managed account without a live grant for this
  kNotGated,           ///< no managed account, or not gated for this service: nothing here is to be decided
  kNotAllowedPeer,     ///< the asking process may not ask this
  kStorage,            ///< it could not be made durable, so it does not hold
  kBusy,               ///< too many wait already; ask again
};

/// The stable word of a reason, e.g. "rollback".
[[nodiscard]] const char* Word(Reason reason);

/// A refusal: the reason, and a detail for the log (escaped, no secrets).
struct Deny {
  Reason reason = Reason::kMalformed;
  std::string detail;
};

template <class Allow>
using Verdict = std::variant<Deny, Allow>;

template <class Allow>
[[nodiscard]] const Deny* Denied(const Verdict<Allow>& verdict) {
  return std::get_if<Deny>(&verdict);
}

}  // namespace curfew
