// SPDX-License-Identifier: Apache-2.0
// Who may sign what. Verified can only be made by Verify: what takes a Verified cannot be reached with unchecked bytes.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/envelope.h"
#include "core/names.h"
#include "core/signature.h"
#include "core/time.h"
#include "core/verdict.h"

namespace curfew {

/// The keys that may sign for one purpose, and how many distinct ones must.
struct Role {
  std::uint32_t threshold = 1;
  std::vector<PublicKey> keys;
  bool operator==(const Role&) const = default;
};

/// Limits no bundle may exceed on a host, signed by root. Absent list = none allowed.
struct Ceilings {
  Seconds longest{Seconds{86400}};          ///< longest grant, end minus start
  Seconds start_ahead{Seconds{86400}};      ///< furthest start in the future
  Uid lowest_uid = 1000;                    ///< accounts below are never granted
  bool full_root = true;                    ///< may a grant hold sudo ALL
  std::uint32_t full_root_approvals = 0;    ///< approver signatures that full root needs
  std::uint32_t approvals = 0;              ///< approver signatures that any grant needs
  std::vector<std::string> groups;          ///< groups that a grant may give; no other, whatever its name
  std::vector<AccountName> denied_accounts; ///< never managed, never granted
  bool operator==(const Ceilings&) const = default;
};

/// The root-signed document: one role for each purpose, and the ceilings.
struct RoleTable {
  std::uint64_t version = 0;
  std::map<Purpose, Role> roles;
  Ceilings ceilings;
  bool operator==(const RoleTable&) const = default;
};

/// Bytes that the named role really signed.
class Verified {
 public:
  [[nodiscard]] Purpose For() const { return purpose_; }
  [[nodiscard]] std::string_view Body() const { return body_; }
  /// SignedHash of purpose and body.
  [[nodiscard]] const ContentHash& Hash() const { return hash_; }
  /// The distinct keys whose signatures held.
  [[nodiscard]] const std::vector<KeyId>& Signers() const { return signers_; }

 private:
  friend Verdict<Verified> Verify(std::string_view sealed, Purpose expected, const Role& role);
  Verified() = default;
  Purpose purpose_ = Purpose::kRoles;
  std::string body_;
  ContentHash hash_;
  std::vector<KeyId> signers_;
};

/// Reads the frame, then counts distinct keys of `role` whose signatures over (purpose, body) hold; unknown keys and
/// bad signatures count nothing. Denies with kMalformed, kWrongPurpose, kBadSignature or kTooFewSignatures.
[[nodiscard]] Verdict<Verified> Verify(std::string_view sealed, Purpose expected, const Role& role);

/// The role of `purpose` in the table; nullptr when it has none (deny with kUnknownKey).
[[nodiscard]] const Role* FindRole(const RoleTable& table, Purpose purpose);

}  // namespace curfew
