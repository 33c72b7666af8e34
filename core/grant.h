// SPDX-License-Identifier: Apache-2.0
// A grant: one person, one account on one host, one window, and what is allowed in it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/names.h"
#include "core/result.h"
#include "core/time.h"

namespace curfew {

/// One command as exact argv: argv[0] an absolute path, arguments of [A-Za-z0-9_./@%+-] not starting with `^`.
/// No arguments means: allowed only without arguments (rendered as "").
class Command {
 public:
  /// kMalformed with the reason that the asker is shown (wildcard, negation, relative path, directory, control byte …).
  [[nodiscard]] static Result<Command> Parse(const std::vector<std::string>& argv);
  [[nodiscard]] const std::vector<std::string>& Argv() const { return argv_; }
  auto operator<=>(const Command&) const = default;

 private:
  explicit Command(std::vector<std::string> argv) : argv_(std::move(argv)) {}
  std::vector<std::string> argv_;
};

/// Every command; root in all but name when runas is root.
struct AllCommands {
  auto operator<=>(const AllCommands&) const = default;
};

/// What sudo may do under a grant.
struct SudoRight {
  std::variant<AllCommands, std::vector<Command>> commands;
  AccountName runas;          ///< the account commands run as, usually root
  bool authenticate = false;  ///< ask for the account's password (PASSWD instead of NOPASSWD)
  bool operator==(const SudoRight&) const = default;
};

/// A public key as one authorized_keys line would hold it: type and base64, no options, no comment.
class LoginKey {
 public:
  /// "ssh-ed25519 AAAA…"; a known type, strict base64 whose blob repeats the type, at most 16 KiB; kMalformed else.
  [[nodiscard]] static Result<LoginKey> Parse(std::string_view text);
  [[nodiscard]] const std::string& Text() const { return text_; }
  auto operator<=>(const LoginKey&) const = default;

 private:
  explicit LoginKey(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

/// Logging in by ssh with the person's own keys.
struct LoginRight {
  std::vector<LoginKey> keys;
  std::vector<std::string> sources;  ///< CIDR list for from=, empty = anywhere; checked by Parse of the codec
  bool operator==(const LoginRight&) const = default;
};

/// What happens to what runs when the grant ends. Numbers are frozen.
enum class Expiry : std::uint8_t { kEnd = 1, kFreeze = 2, kBlockNew = 3 };

/// A signed yes, in the grant so that the host can count it (none needed unless the ceilings ask).
struct Approval {
  PersonName approver;
  std::string sealed;  ///< an envelope of Purpose::kApproval, or empty when the yes was not signed
  bool operator==(const Approval&) const = default;
};

struct Grant {
  GrantId id;
  PersonName principal;
  AccountName account;
  std::optional<Uid> uid;              ///< the uid the account must have here; absent: what the host's user database says
  std::optional<LoginRight> login;
  std::optional<SudoRight> sudo;
  Instant start;                       ///< inclusive, whole seconds
  Instant end;                         ///< exclusive, whole seconds
  Instant activate_by{};               ///< from then on, whole seconds, no host begins to give it that had not begun before
  Seconds longest_session{0};          ///< 0 = until the end
  Expiry expiry = Expiry::kEnd;
  Seconds lease{0};                    ///< 0 = no lease is asked for
  bool strict_lease = false;           ///< suspended without a lease; false: runs to its end
  std::string lineage;                 ///< id of the first grant that this one renews; empty = itself
  std::vector<std::string> groups;     ///< memberships while granted
  std::string reason;
  std::string ticket;
  RequestId request;
  ContentHash request_hash;
  std::vector<Approval> approvals;
  std::vector<std::string> critical;   ///< names of extensions that a reader must know; unknown = refused
  bool operator==(const Grant&) const = default;
};

/// What it gives, for people and for the record: "login and sudo for 2 commands as deploy".
[[nodiscard]] std::string WhatText(const Grant& grant);

/// True for a group whose members can make themselves root (sudo, docker, disk …).
[[nodiscard]] bool IsRootGroup(std::string_view group);

/// Full root: sudo ALL as root, or a group that is root by another name.
[[nodiscard]] bool IsFullRoot(const Grant& grant);

}  // namespace curfew
