// SPDX-License-Identifier: Apache-2.0
// May this host take this bundle? The one function that says yes; Accepted exists only through it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "core/bundle.h"
#include "core/event.h"
#include "core/trust.h"
#include "core/verdict.h"

namespace curfew {

/// What is durably in force on this host.
struct BundleMark {
  std::uint64_t epoch = 0;
  std::uint64_t version = 0;
  ContentHash hash;
  bool operator==(const BundleMark&) const = default;
};

/// What Accept needs to know of the host.
struct Standing {
  HostId host;
  std::optional<BundleMark> mark;
  RoleTable roles;
};

/// A bundle that may come into force, with its mark.
class Accepted {
 public:
  /// As it may be served: of a bundle that is in force already, the grants that the ceilings of today deny have ended in it.
  [[nodiscard]] const Bundle& Value() const { return bundle_; }
  [[nodiscard]] const BundleMark& Mark() const { return mark_; }
  /// True when versions between ours and this one were never seen here (accepted and recorded).
  [[nodiscard]] bool Gap() const { return gap_; }
  /// True when it is, byte for byte, what is in force already.
  [[nodiscard]] bool Same() const { return same_; }
  /// Those grants, and why.
  [[nodiscard]] const std::map<GrantId, std::string>& Over() const { return over_; }

 private:
  friend Verdict<Accepted> Accept(const Verified& verified, const Standing& standing, Instant now);
  Accepted() = default;
  Bundle bundle_;
  BundleMark mark_;
  bool gap_ = false;
  bool same_ = false;
  std::map<GrantId, std::string> over_;
};

/// May never be managed nor granted: root, and what the ceilings deny.
[[nodiscard]] bool IsProtected(const AccountName& account, const Ceilings& ceilings);

/// May this account, under the uid it has on the host, hold grants: not protected, no system uid. For a grant without a uid
/// only the host can ask this, when it looks the account up; MUST be asked before the account counts as a user of HostFacts.
[[nodiscard]] bool MayHoldGrants(const AccountName& account, Uid uid, const Ceilings& ceilings);

/// Why this grant, and each new bundle that lists it, would be refused on the host, whatever the time is; nothing where it
/// would not. The mark of `standing` does not matter.
[[nodiscard]] std::optional<Deny> WhyOver(const Grant& grant, const Standing& standing);

/// Denies: kWrongPurpose, kMalformed, kOtherHost, kRollback, kEquivocation, kBrokenChain, kOverCeiling, kTooFewApprovals,
/// kBadWindow (a grant whose end is not after its start), kUnknownExtension (also what the format has and this version does
/// not do). Ends in the past are no reason to refuse a bundle; what is over a ceiling is, whether it has ended or not. The
/// bundle in force was within them when it came: of it only the single grants that are not any more fall, as Over().
[[nodiscard]] Verdict<Accepted> Accept(const Verified& verified, const Standing& standing, Instant now);

/// A role table that may come into force.
class AcceptedRoles {
 public:
  [[nodiscard]] const RoleTable& Value() const { return roles_; }

 private:
  friend Verdict<AcceptedRoles> AcceptRoles(const Verified& verified, const std::optional<RoleTable>& current);
  explicit AcceptedRoles(RoleTable roles) : roles_(std::move(roles)) {}
  RoleTable roles_;
};

/// May this host take this role table: a higher version than `current` (or none yet). Denies kRollback, kEquivocation, kMalformed.
[[nodiscard]] Verdict<AcceptedRoles> AcceptRoles(const Verified& verified, const std::optional<RoleTable>& current);

/// A revocation that this host must honour.
class AcceptedRevocation {
 public:
  [[nodiscard]] const Revocation& Value() const { return revocation_; }

 private:
  friend Verdict<AcceptedRevocation> AcceptRevocation(const Verified& verified, const HostId& host);
  explicit AcceptedRevocation(Revocation revocation) : revocation_(std::move(revocation)) {}
  Revocation revocation_;
};

/// May this host honour this revocation: for this host, grant well named. Denies kOtherHost, kMalformed.
[[nodiscard]] Verdict<AcceptedRevocation> AcceptRevocation(const Verified& verified, const HostId& host);

/// The controller's receipt for events of this very host.
class AcceptedDelivered {
 public:
  [[nodiscard]] const Delivered& Value() const { return delivered_; }

 private:
  friend Verdict<AcceptedDelivered> AcceptDelivered(const Verified& verified, const HostId& host);
  explicit AcceptedDelivered(const Delivered& delivered) : delivered_(delivered) {}
  Delivered delivered_;
};

/// May this host believe this receipt: for this host. Denies kWrongPurpose, kOtherHost, kMalformed.
[[nodiscard]] Verdict<AcceptedDelivered> AcceptDelivered(const Verified& verified, const HostId& host);

}  // namespace curfew
