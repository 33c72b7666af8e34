// SPDX-License-Identifier: Apache-2.0
// A grant that is over on this host, and what is said of what follows.
#pragma once

#include <optional>
#include <string>

#include "agent/enforcer/sessions/session_end.h"
#include "agent/enforcer/state/journal.h"

namespace curfew {

struct OverGrant {
  GrantId id;
  AccountName account;
  Uid uid = 0;
  bool login = false;
  bool sudo = false;
  bool proved = false;  ///< its receipt is written already
  std::optional<SudoRight> right{};  ///< what its sudo allowed, where that is known
};

[[nodiscard]] OverGrant OverOf(const KnownGrant& known);

[[nodiscard]] Event EventAfter(const GrantId& grant, EventKind kind, Severity severity, const std::string& detail);
/// That the session is over, or what is left of it.
[[nodiscard]] Event SessionEvent(const EndedSession& ended);

}  // namespace curfew
