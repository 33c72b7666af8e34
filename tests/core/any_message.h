// SPDX-License-Identifier: Apache-2.0
// rapidcheck's generators of sound messages: every field takes every kind of value that its rule allows.
#pragma once

#include <rapidcheck.h>

#include "core/approval.h"
#include "core/bundle.h"
#include "core/event.h"
#include "core/trust.h"

namespace curfew::test {

/// A text whose characters come from `alphabet`, `least` to `most` bytes.
[[nodiscard]] rc::Gen<std::string> AnyText(std::string_view alphabet, std::size_t least, std::size_t most);
/// Plain text with letters, quotes, backslashes and characters of two, three and four bytes.
[[nodiscard]] rc::Gen<std::string> AnyPlainText(std::size_t most);
[[nodiscard]] rc::Gen<Instant> AnySecond();
[[nodiscard]] rc::Gen<Instant> AnyMillisecond();
[[nodiscard]] rc::Gen<GrantId> AnyGrantId();
[[nodiscard]] rc::Gen<AccountName> AnyAccount();
[[nodiscard]] rc::Gen<ContentHash> AnyHash();
[[nodiscard]] rc::Gen<HostId> AnyHost();

[[nodiscard]] rc::Gen<Grant> AnyGrant();
[[nodiscard]] rc::Gen<Bundle> AnyBundle();
[[nodiscard]] rc::Gen<RoleTable> AnyRoleTable();
[[nodiscard]] rc::Gen<Revocation> AnyRevocation();
[[nodiscard]] rc::Gen<Receipt> AnyReceipt();
[[nodiscard]] rc::Gen<EventBatch> AnyEventBatch();
[[nodiscard]] rc::Gen<Delivered> AnyDelivered();
[[nodiscard]] rc::Gen<ApprovedTerms> AnyApproval();

}  // namespace curfew::test
