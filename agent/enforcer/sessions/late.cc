// SPDX-License-Identifier: Apache-2.0
// By name: the policy may have dropped the account in the same moment.
#include "agent/enforcer/sessions/late.h"

namespace curfew {

std::optional<LateUnder> BeginLate(const InForce& in_force, Aftermath& aftermath, const AccountName& account, SessionKind kind) {
  const KnownGrant* last = nullptr;
  for (const auto& [id, known] : in_force.known) {
    const bool fits = known.account == account && known.uid != 0 && (kind == SessionKind::kSudo ? known.sudo : known.login);
    if (fits && (last == nullptr || last->ended < known.ended)) last = &known;
  }
  if (last == nullptr) return std::nullopt;
  aftermath.Begin(OverOf(*last));
  return LateUnder{last->id, last->uid};
}

}  // namespace curfew
