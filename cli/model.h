// SPDX-License-Identifier: Apache-2.0
// What the controller says, as values (api/openapi.yaml). States stay words: a newer controller may know more of them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/grant.h"
#include "core/time.h"

namespace curfew {

using Argv = std::vector<std::string>;

/// What may be done: log in, and which commands under sudo.
struct WhatView {
  bool login = false;
  std::variant<std::monostate, AllCommands, std::vector<Argv>> sudo;
  std::string runas;
};

struct DecisionView {
  std::string by;
  std::string verdict;
  std::optional<Instant> at;
  std::string reason;
};

struct StageView {
  std::int64_t need = 0;
  std::int64_t have = 0;
  std::vector<std::string> who;
  std::vector<DecisionView> decisions;
};

struct StepView {
  std::string state;
  std::optional<Instant> at;
  std::string by;
};

struct SurvivorView {
  std::int64_t pid = 0;
  std::int64_t uid = 0;
  std::string command;
  std::string unit;
};

struct GrantView {
  std::string id;
  std::string host;
  std::string state;
  std::optional<Instant> start;
  std::optional<Instant> end;
  std::optional<Instant> ended_at;
  std::string cause;
  std::string proof;
  std::optional<Instant> proved_at;
  std::optional<Instant> unconfirmed_until;
  std::vector<SurvivorView> survivors;
};

struct RequestView {
  std::string id;
  std::string state;
  std::string requester;
  std::string account;
  WhatView what;
  Seconds length{0};
  std::string reason;
  std::string ticket;
  std::string policy;
  std::vector<std::string> hosts;
  std::vector<StageView> stages;
  std::vector<StepView> history;
  std::vector<GrantView> grants;
  std::int64_t revision = 0;
  std::string sentence;
  std::string failure;
};

struct HostView {
  std::string name;
  std::string id;
  std::vector<std::string> labels;  ///< "env=lab"
  bool online = false;
  std::optional<Instant> last_seen;
  std::string version;
  std::string sudo;
  std::string sshd;
  std::map<std::string, bool> layers;
  std::int64_t bundle = 0;
  std::int64_t acked = 0;
  std::vector<std::string> drift;
  bool tainted = false;
};

struct KeyView {
  std::string id;
  std::string type;
  std::int64_t bits = 0;
  std::string fingerprint;
  std::optional<Instant> added_at;
};

struct RemovedKeyView {
  std::string id;
  std::vector<std::string> requests;  ///< with live grants that let it in
  bool ended = false;                 ///< and were given back
};

struct EventView {
  std::int64_t place = 0;  ///< in the controller's log
  std::int64_t seq = 0;    ///< of its source
  std::optional<Instant> at;
  std::string source;  ///< id of the host whose chain it is in; empty = the controller itself
  std::string host;    ///< what that host is called
  std::string kind;
  std::string severity;
  std::string actor;
  std::string request;
  std::string grant;
  std::string outcome;
  std::string detail;
  std::string prev;
  std::string hash;
};

/// What a person should be told: a request failed, an end is unconfirmed.
struct NoticeView {
  std::string id;
  std::optional<Instant> at;
  std::string request;
  std::string text;
};

struct PersonView {
  std::string user;
  std::vector<std::string> groups;
  std::vector<NoticeView> notices;
};

struct SessionView {
  std::string token;
  std::string user;
  std::vector<std::string> groups;
  std::optional<Instant> expires;
};

}  // namespace curfew
