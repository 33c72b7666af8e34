// SPDX-License-Identifier: Apache-2.0
// What has passed its deadline, as text: the enforcer's rendered files and session lines, read without its code. MUST:
// what cannot be read has passed its deadline.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace curfew {

/// `text` without the blocks that are past at `now` (Unix seconds) and without access that stands under no header.
std::string WithoutPast(std::string_view text, std::int64_t now);

/// A line of /run/curfew/sessions.
struct Session {
  std::int64_t deadline = 0;
  std::string scope;      ///< the control group it runs in
  std::uint32_t uid = 0;
  bool login = false;     ///< a login grant's: all of it ends; else only what runs as somebody else than uid
  bool own = false;       ///< user.slice/user-<uid>.slice/(session-*.scope | user@<uid>.service): may be killed whole
  bool account = false;   ///< user.slice/user-<uid>.slice: what the account's sudo left anywhere
  std::uint64_t strange_since = 0;  ///< as in Reach (core/fate)
  bool among_logins = false;        ///< likewise
  std::string line;       ///< all of it, as written
};

/// Nothing for a line of another form; the enforcer writes none of these.
std::optional<Session> ParseSession(std::string_view text);

}  // namespace curfew
