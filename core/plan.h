// SPDX-License-Identifier: Apache-2.0
// The difference between what is and what should be, as actions in an order that MUST be safe to cut anywhere:
// nobody ever has more than before or than desired. Removals first; gifts wait until their intent is durable and their
// text is checked.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "core/desired.h"

namespace curfew {

/// How a session is guarded: the whole connection, or only what sudo started in it.
enum class SessionKind : std::uint8_t { kLogin, kSudo };

/// A session that was opened under a grant (a line of /run/curfew/sessions).
struct Session {
  std::string scope;        ///< cgroup path below the cgroup2 mount: user.slice/user-1001.slice/session-3.scope
  Uid uid = 0;
  GrantId grant;
  SessionKind kind = SessionKind::kLogin;
  Instant deadline;
  /// Sudo was asked for by a process that does not carry the account's login (a service's, or one after su): what sudo starts
  /// cannot be known by it. The first such asker's start, in clock ticks after boot as in /proc/PID/stat; 0: there was none.
  std::uint64_t strange_since = 0;
  bool operator==(const Session&) const = default;
};

/// What was found on the host. A file that is not exactly what we would write is `foreign`: its whole text is replaced.
struct Actual {
  Access access;
  bool rules_foreign = false;
  std::set<AccountName> keys_foreign;
  std::vector<Gated> managed;
  bool managed_foreign = false;
  std::vector<Session> sessions;
  Instant at{};                       ///< when it was found: a session whose deadline has come by then is ended
};

/// What has been made sure of outside the loop.
struct Assured {
  std::set<GrantId> intended;         ///< a durable grant-intent event exists
  std::optional<std::vector<Rule>> checked;  ///< visudo accepted exactly these rules
  std::set<AccountName> held_back;    ///< a removal failed here: nothing new until it succeeds
  std::set<GrantId> refused = {};     ///< visudo refused a text in which this grant alone was new: not offered again
  bool one_by_one = false;            ///< visudo refused several at once: offer one at a time
};

struct ReplaceRules { std::vector<Rule> rules; bool gift = false; bool operator==(const ReplaceRules&) const = default; };
struct ReplaceKeys { AccountName account; std::vector<KeyLine> lines; bool gift = false; bool operator==(const ReplaceKeys&) const = default; };
struct ReplaceManaged { std::vector<Gated> managed; bool operator==(const ReplaceManaged&) const = default; };
struct EndSession { Session session; bool operator==(const EndSession&) const = default; };
/// The session goes on under another live grant that covers it: renewal without a gap.
struct RebindSession { Session session; GrantId grant; Instant deadline; bool operator==(const RebindSession&) const = default; };
/// Asks for a durable intent; its answer wakes the loop.
struct Intend { GrantId grant; bool operator==(const Intend&) const = default; };
/// Asks for visudo's verdict on this text; its answer wakes the loop.
struct CheckRules { std::vector<Rule> rules; bool operator==(const CheckRules&) const = default; };

using Action = std::variant<ReplaceRules, ReplaceKeys, ReplaceManaged, EndSession, RebindSession, Intend, CheckRules>;

/// Equal states give no action. Applying all actions, and again after the answers to Intend and CheckRules, gives `desired`.
/// Intend and CheckRules are asked anew each turn until answered: whoever executes leaves out what is already being asked.
/// `gift` is false only for what takes away, or writes again what was checked and intended before (a repair).
[[nodiscard]] std::vector<Action> Plan(const Desired& desired, const Actual& actual, const Assured& assured);

/// True when `action` takes away or asks, and gives nothing beyond `actual`: what is still done in a turn in which an
/// action failed, so that one file that cannot be written keeps no other file, gate or session open.
[[nodiscard]] bool OnlyTakes(const Action& action, const Actual& actual);

/// Takes in visudo's no to `rules`: the one grant that was new in them is refused, or from now on one is offered at a time.
void NoteRefusal(const std::vector<Rule>& rules, const Actual& actual, Assured& assured);

/// The soonest deadline of a session after `now`, when Plan has to be asked again though no grant changes.
[[nodiscard]] std::optional<Instant> NextDeadline(const std::vector<Session>& sessions, Instant now);

/// True when everything `narrow` allows is allowed by `wide`.
[[nodiscard]] bool Covers(const SudoRight& wide, const SudoRight& narrow);

}  // namespace curfew
