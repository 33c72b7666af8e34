// SPDX-License-Identifier: Apache-2.0
// The grammar of `curfew`: one row for each verb, what it is called, what it takes, and how the words become a value.
#pragma once

#include <CLI/App.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cli/halt.h"
#include "cli/verbs.h"

namespace curfew {

/// Words as typed, before any of them was checked.
struct Typed {
  std::string form = "table";
  bool utc = false;
  std::string url, ca_file, user, password_file;
  std::string file, id, host, hosts, expression;
  std::string length, reason, account, policy, ticket, key_file, timeout;
  bool login_only = false, sudo_all = false, wait = false, end_grants = false;
  bool mine = false, to_review = false, live = false, unconfirmed = false, alarms = false;
  std::optional<std::vector<std::string>> tail;  ///< what stood after `--`
};

struct GrammarRow {
  const char* group;  ///< "key" of `key add`; empty for most
  const char* name;
  const char* about;
  bool takes_command;  ///< may be followed by `-- ARGV…`
  void (*options)(CLI::App&, Typed&);
  Answer<AnyVerb> (*read)(const Typed&);
};

[[nodiscard]] std::span<const GrammarRow> Grammar();

/// "2h" after `option`; nothing when it was not given.
[[nodiscard]] Answer<std::optional<Seconds>> ReadLength(const char* option, const std::string& text);

/// What `curfew request` takes, and how it is read; apart, because it takes the most.
void RequestOptions(CLI::App& app, Typed& typed);
[[nodiscard]] Answer<AnyVerb> ReadRequest(const Typed& typed);

}  // namespace curfew
