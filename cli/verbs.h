// SPDX-License-Identifier: Apache-2.0
// What was typed, as values: one struct for each verb, parsed and checked once, by arguments.cc.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/grant.h"
#include "core/names.h"
#include "core/policy_hosts.h"
#include "core/time.h"

namespace curfew {

enum class Form { kTable, kJson, kId };

/// How results are shown; the same for every verb.
struct Style {
  Form form = Form::kTable;
  bool utc = false;
};

struct LoginVerb {
  std::string url;      ///< empty = CURFEW_URL, else the one of the last login
  std::string ca_file;  ///< empty = the one that was kept, else the system's
  std::string user;
  std::string password_file;  ///< "-" = standard input; empty = ask on the terminal
};

struct KeyAddVerb {
  std::string file;  ///< "-" = standard input
};
struct KeyListVerb {};
struct KeyRemoveVerb {
  std::string id;
  bool end_grants = false;
};

/// What is asked for; nothing said = whatever the policy gives.
struct AsPolicySays {};
struct LoginOnly {};
using Wanted = std::variant<AsPolicySays, LoginOnly, AllCommands, Command>;

struct RequestVerb {
  std::vector<HostName> hosts;
  std::optional<HostExpression> expression;  ///< labels, instead of names
  std::optional<Seconds> length;             ///< absent = the policy's default
  std::string reason;
  std::optional<AccountName> account;
  Wanted wanted;
  std::string policy;
  std::string ticket;
  std::string key_file;
  bool wait = false;
  std::optional<Seconds> timeout;
};

struct DecideVerb {
  bool yes = false;
  std::string id;
  std::string reason;
  std::optional<Seconds> length;  ///< yes, but for this long at most
};

enum class Ending { kWithdraw, kReturn, kRevoke };
struct EndVerb {
  Ending ending = Ending::kReturn;
  std::string id;
  std::string reason;
};

struct ExtendVerb {
  std::string id;
  Seconds length{0};
};

enum class Filter { kAll, kMine, kToReview, kLive, kUnconfirmed, kAlarms };
struct ListVerb {
  Filter filter = Filter::kAll;
};
struct ShowVerb {
  std::string id;
};
struct HostsVerb {};

struct SshVerb {
  std::string host;
  std::string account;            ///< empty = that of the live grant
  std::vector<std::string> argv;  ///< empty = a login shell
};

struct AuditListVerb {};
struct AuditVerifyVerb {};

struct PolicyCheckVerb {
  std::string file;
};

using AnyVerb =
    std::variant<LoginVerb, KeyAddVerb, KeyListVerb, KeyRemoveVerb, RequestVerb, DecideVerb, EndVerb, ExtendVerb,
                 ListVerb, ShowVerb, HostsVerb, SshVerb, AuditListVerb, AuditVerifyVerb, PolicyCheckVerb>;

struct Invocation {
  Style style;
  AnyVerb verb;
};

}  // namespace curfew
