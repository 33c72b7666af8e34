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
  std::string scope;       ///< user.slice/user-<uid>.slice/(session-*.scope | user@<uid>.service), of that very uid
  std::string logind_id;   ///< of a session-<id>.scope, else empty
  std::uint32_t uid = 0;
  bool whole = false;      ///< a login grant's: all of the scope; else only what runs as somebody else than uid
};

/// Nothing for a line of another form, or whose scope is not of its uid.
std::optional<Session> ParseSession(std::string_view line);

}  // namespace curfew
