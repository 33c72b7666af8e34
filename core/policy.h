// SPDX-License-Identifier: Apache-2.0
// The policy as values, and the pure decisions made from it: which rule covers what is asked, which accounts of a host
// are managed. Absence denies: what no rule allows is refused with the reason that came closest.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/bundle.h"
#include "core/grant.h"
#include "core/policy_hosts.h"
#include "core/time.h"

namespace curfew {

/// "group:leads" or "alice".
struct Approver {
  bool group = false;
  PersonName name;
  bool operator==(const Approver&) const = default;
};
[[nodiscard]] Result<Approver> ParseApprover(std::string_view text);
[[nodiscard]] std::string Text(const Approver& approver);

/// One stage of approval: `need` of those named must say yes. Stages are asked one after the other.
struct Stage {
  std::uint32_t need = 1;
  std::vector<Approver> who;
  bool operator==(const Stage&) const = default;
};

/// Accounts that can only be entered with a grant, on the hosts meant.
struct ManagedRule {
  HostExpression hosts;
  std::vector<AccountName> accounts;
  Gate gate;
};

/// The requester's own name as Unix account.
struct OwnAccount {
  bool operator==(const OwnAccount&) const = default;
};

struct PolicyRule {
  std::string name;
  std::set<PersonName> people;
  std::set<PersonName> groups;
  HostExpression hosts;
  std::variant<OwnAccount, AccountName> account;
  bool login = false;
  std::optional<SudoRight> sudo;
  Seconds standard{0};  ///< the duration when none is asked for
  Seconds longest{0};
  std::vector<Stage> approve;  ///< empty = automatic
};

struct Policy {
  std::vector<ManagedRule> managed;
  std::vector<PolicyRule> rules;
};

/// Somebody who asks or decides.
struct Person {
  PersonName name;
  std::set<PersonName> groups;
};

/// A host that is asked for.
struct Target {
  HostName name;
  Labels labels;
};

struct AsAllowed {};  ///< not said: what the rule allows
struct NoSudo {};
using SudoAsk = std::variant<AsAllowed, NoSudo, AllCommands, std::vector<Command>>;

/// What is asked for, each part possibly left to the rule.
struct Ask {
  std::optional<std::string> rule;
  std::optional<AccountName> account;
  std::optional<bool> login;
  SudoAsk sudo;
  std::optional<AccountName> runas;
  std::optional<Seconds> duration;
};

/// What a rule gives for an ask: complete, nothing left open.
struct Matched {
  std::string rule;
  AccountName account;
  bool login = false;
  std::optional<SudoRight> sudo;
  Seconds duration{0};
  std::vector<Stage> approve;
};

/// The first rule, in the file's order, that covers the whole ask on every target. Else kRefused with the sentence of the
/// rule that came closest (kNotFound for a rule name that does not exist, kOutOfRange for a duration above the longest).
[[nodiscard]] Result<Matched> MatchPolicy(const Policy& policy, const Person& person, const std::vector<Target>& targets,
                                          const Ask& ask);

/// The managed accounts of one host, sorted by name, gates united.
[[nodiscard]] std::vector<ManagedAccount> ManagedOn(const Policy& policy, const Target& target);

/// Why the host would not guard what is given: the account is not managed there, or not gated for it, so that a key would
/// not be read and an end not be enforced by every layer. nullopt = it would.
[[nodiscard]] std::optional<Error> WhyUnguarded(const Policy& policy, const Target& target, const AccountName& account,
                                                Gate given);

}  // namespace curfew
