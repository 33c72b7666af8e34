// SPDX-License-Identifier: Apache-2.0
// What a host should allow now, as values: the union of its live grants. A pure function of bundle, host and moment.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/bundle.h"
#include "core/grant.h"
#include "core/time.h"

namespace curfew {

/// One grant's place in the sudoers file.
struct Rule {
  GrantId grant;
  Uid uid = 0;
  SudoRight right;
  Instant until;  ///< the grant's end; the rendered date is one second earlier
  bool operator==(const Rule&) const = default;
};

/// One line of one account's authorized_keys file.
struct KeyLine {
  GrantId grant;
  LoginKey key;
  std::vector<std::string> sources;
  Instant until;
  bool operator==(const KeyLine&) const = default;
};

/// What the files of a host allow. Sorted by grant id (then key), so that equal access is equal text.
struct Access {
  std::vector<Rule> rules;
  std::map<AccountName, std::vector<KeyLine>> keys;  ///< an account without lines is not in the map
  bool operator==(const Access&) const = default;
};

/// (uid_t)-1, which no account and no process can have: the uid of a managed account that this host has never seen.
inline constexpr Uid kNoUid = 4294967295U;

/// An account that needs a grant here. Its name alone gates it: a user database that does not know it today may tomorrow.
struct Gated {
  AccountName name;
  Uid uid = kNoUid;
  Gate gate;
  bool operator==(const Gated&) const = default;
};

/// What only the host can say; looked up outside, handed in as values.
struct HostFacts {
  std::map<AccountName, Uid> users;       ///< user database, each checked in both directions; the last known where it is silent
  std::set<AccountName> barred = {};      ///< never managed: protected, or here under a uid that may hold no grant
  std::set<GrantId> ended;                ///< ended here already: revocations and tombstones, whatever the bundle says
  std::map<GrantId, BootInstant> deadline;///< boot-clock deadlines counted at acceptance
  Uid lowest_uid = 1000;                  ///< of the root-signed ceilings: an account below is never granted nor managed
  Instant not_before{};                   ///< a signed time of before this boot: a clock that says less was set back
};

/// The account is guarded here for everything that this would give: whoever uses it is seen.
[[nodiscard]] bool IsGatedFor(const std::vector<Gated>& managed, const AccountName& account, Gate given);

/// What should be.
struct Desired {
  Access access;
  std::vector<Gated> managed;             ///< sorted by name
  std::vector<Grant> live;                ///< the grants that `access` comes from, sorted by id, their uid filled in
  std::vector<Grant> past = {};           ///< over, by time or by an end; sorted by id: whose a session was, and what for
  bool operator==(const Desired&) const = default;
};

/// Live grants on accounts that exist under the uid the grant names (or any uid where it names none), not below the
/// lowest, gated for all that the grant gives, that have not ended here or in the bundle, whose end has come on neither clock,
/// and whose right has an exact text;
/// everything else is absent. Below `not_before` no grant is live; who is managed does not depend on any clock.
[[nodiscard]] Desired DesiredState(const Bundle& bundle, const HostFacts& facts, const Now& now);

/// The end has come by the clock, or by the count on the boot clock, which nobody sets.
[[nodiscard]] bool EndHasCome(const GrantId& grant, Instant end, const HostFacts& facts, const Now& now);

/// The grant of that id in a list sorted by id, as those of Desired are; nullptr where it is not.
[[nodiscard]] const Grant* FindGrant(const std::vector<Grant>& sorted, const GrantId& id);

/// The next moment at which DesiredState could differ, if any: the soonest start or end after `now`, on either clock.
struct NextWake {
  std::optional<Instant> utc;
  std::optional<BootInstant> boot;
  bool operator==(const NextWake&) const = default;
};
[[nodiscard]] NextWake NextChange(const Bundle& bundle, const HostFacts& facts, const Now& now);

}  // namespace curfew
