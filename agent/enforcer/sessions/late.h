// SPDX-License-Identifier: Apache-2.0
// A session that opened after the last grant for it was over (PAM asked before, the end came between): it is somebody's
// aftermath, too.
#pragma once

#include <optional>

#include "agent/enforcer/sessions/aftermath.h"
#include "agent/enforcer/state/in_force.h"

namespace curfew {

/// What such a session is booked under.
struct LateUnder {
  GrantId grant;
  Uid uid = 0;
};

/// The aftermath of the account's last grant of that kind begins anew; says which grant that was, nothing where there was none.
[[nodiscard]] std::optional<LateUnder> BeginLate(const InForce& in_force, Aftermath& aftermath, const AccountName& account,
                                                 SessionKind kind);

}  // namespace curfew
