// SPDX-License-Identifier: Apache-2.0
// A grant in which nothing is special: the worlds of the tests say what is in theirs.
#pragma once

#include <utility>

#include "core/grant.h"
#include "core/signature.h"

namespace curfew::test {

/// dev1's, on that account: login by the key, and every sudo command.
[[nodiscard]] inline Grant PlainGrant(GrantId id, AccountName account, LoginKey key, Instant start, Instant end) {
  return Grant{.id = std::move(id),
               .principal = PersonName::Parse("dev1").value(),
               .account = std::move(account),
               .uid = {},
               .login = LoginRight{{std::move(key)}, {}},
               .sudo = SudoRight{AllCommands{}, AccountName::Parse("root").value(), false},
               .start = start,
               .end = end,
               .activate_by = end,
               .longest_session = Seconds{0},
               .expiry = Expiry::kEnd,
               .lease = Seconds{0},
               .strict_lease = false,
               .lineage = {},
               .groups = {},
               .reason = "a reason",
               .ticket = {},
               .request = RequestId::Parse("r-00000000000000000000").value(),
               .request_hash = Sha256("request"),
               .approvals = {},
               .critical = {}};
}

}  // namespace curfew::test
