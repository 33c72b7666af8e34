// SPDX-License-Identifier: Apache-2.0
// The agent's other small files as text and back: managed accounts, open sessions, sshd's block, banners.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/codec.h"
#include "core/desired.h"
#include "core/envelope.h"
#include "core/plan.h"

namespace curfew {

/// Accounts that the managed list may name: those of the bundle before and of the next one, while the one takes the other's place.
inline constexpr std::size_t kMostGated = 2 * kMaxManaged;
/// What it may then be long: "<name of 32> <uid of 10> login" a line.
inline constexpr std::size_t kMostManagedText = kMostGated * 50;
/// What the rules, or one account's keys, of the longest bundle may be long: each command repeats its rule's user and date, each
/// key its grant's sources. What is written MUST be readable again: what is not reads as foreign and is written anew, for ever.
inline constexpr std::size_t kMostAccessText = 24 * kMaxBundleBody;

/// /var/lib/curfew/managed: `<name> <uid> login|sudo|both` a line; read by the PAM module without a library, which goes by
/// the name. The uid is the last known one, 4294967295 (kNoUid) while there was none.
[[nodiscard]] std::string RenderManaged(const std::vector<Gated>& managed);
[[nodiscard]] Result<std::vector<Gated>> ParseManaged(std::string_view text);

/// A path below the cgroup mount that stays there: printable, no blank, no way up, at most 1 KiB. Writer and readers of the
/// sessions' file MUST agree on it: a line that cannot be read back is a session that nobody ends.
[[nodiscard]] bool IsScopePath(std::string_view path);

/// /run/curfew/sessions: `<deadline unix s> <scope> <uid> <grant id> login|sudo` a line, with ` <strange_since>` after `sudo`
/// where there is one; read by the reaper.
[[nodiscard]] std::string RenderSessions(const std::vector<Session>& sessions);
/// What can be read of it, line by line, and how many lines could not.
struct SessionLines {
  std::vector<Session> sessions;
  std::size_t unreadable = 0;
};
[[nodiscard]] SessionLines ParseSessions(std::string_view text);

/// `user.slice/user-<uid>.slice`: where logind keeps the account's sessions.
[[nodiscard]] std::string SliceOf(Uid uid);
/// The account's own service manager, `user@<uid>.service` in that slice.
[[nodiscard]] std::string UserServiceOf(Uid uid);
/// The service or scope that a control group is a part of, where it is one: an account makes groups below its own as it likes.
[[nodiscard]] std::string UnitOf(const std::string& group);
/// A line for an account and not for a session: what its logins, or its sudos, left anywhere ends at that deadline.
[[nodiscard]] bool IsAccountLine(const Session& session);

/// True for `user.slice/user-<uid>.slice/session-*.scope` or `…/user@<uid>.service` of that very uid, never
/// root's: all we may kill whole.
[[nodiscard]] bool IsKillableScope(std::string_view scope, Uid uid);

/// 00-curfew.conf: one Match block for all accounts managed for login, one banner block each; a head only when there are none.
[[nodiscard]] std::string RenderSshdBlock(const std::vector<Gated>& managed);

/// True when a block that we rendered is about this account.
[[nodiscard]] bool SshdBlockNames(std::string_view block, const AccountName& account);

/// What sshd shows before authentication while `account` has no live login grant.
[[nodiscard]] std::string RenderBanner(const AccountName& account, const HostName& host);

}  // namespace curfew
