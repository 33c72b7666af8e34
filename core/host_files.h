// SPDX-License-Identifier: Apache-2.0
// The agent's other small files as text and back: managed accounts, open sessions, sshd's block, banners.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/desired.h"
#include "core/plan.h"

namespace curfew {

/// /var/lib/curfew/managed: `<name> <uid> login|sudo|both` a line; read by the PAM module without a library.
[[nodiscard]] std::string RenderManaged(const std::vector<Gated>& managed);
[[nodiscard]] Result<std::vector<Gated>> ParseManaged(std::string_view text);

/// /run/curfew/sessions: `<deadline unix s> <scope> <uid> <grant id> login|sudo` a line; read by the reaper.
[[nodiscard]] std::string RenderSessions(const std::vector<Session>& sessions);
[[nodiscard]] Result<std::vector<Session>> ParseSessions(std::string_view text);

/// True for `user.slice/user-<uid>.slice/session-*.scope` or `…/user@<uid>.service` of that very uid, never
/// root's: all we may kill whole.
[[nodiscard]] bool IsKillableScope(std::string_view scope, Uid uid);

/// 00-curfew.conf: one Match block for all accounts managed for login, one banner block each; a head only when there are none.
[[nodiscard]] std::string RenderSshdBlock(const std::vector<Gated>& managed);

/// What sshd shows before authentication while `account` has no live login grant.
[[nodiscard]] std::string RenderBanner(const AccountName& account, const HostName& host);

}  // namespace curfew
