// SPDX-License-Identifier: Apache-2.0
// The checks between a signature and a change on the host. MUST hold for every grant of a new bundle, also for one that has
// ended; of the bundle in force they are asked again, grant by grant: the ceilings may have come down since.
#include "core/accept.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/approval.h"
#include "core/codec.h"

namespace curfew {
namespace {

Deny Malformed(const Error& error) { return {Reason::kMalformed, error.Text()}; }

Deny Over(std::string_view id, std::string_view what) {
  return {Reason::kOverCeiling, fmt::format("{}: {}", id, what)};
}

// Where the bundle stands against what is in force.
std::optional<Deny> CheckPosition(const Bundle& bundle, const ContentHash& hash, const BundleMark& mark) {
  const auto deny = [&](Reason reason, std::string_view what) {
    return Deny{reason, fmt::format("epoch {} version {}, in force is epoch {} version {}: {}", bundle.epoch, bundle.version,
                                    mark.epoch, mark.version, what)};
  };
  if (bundle.epoch > mark.epoch) return std::nullopt;
  if (bundle.epoch < mark.epoch || bundle.version < mark.version) return deny(Reason::kRollback, "older");
  if (bundle.version == mark.version && hash != mark.hash) return deny(Reason::kEquivocation, "same version, other bytes");
  if (bundle.version - mark.version == 1 && bundle.previous != mark.hash) {
    return deny(Reason::kBrokenChain, "its previous hash is not ours");
  }
  return std::nullopt;
}

std::optional<Deny> CheckTimes(const Grant& grant, const Ceilings& ceilings, Instant latest_start) {
  const std::string& id = grant.id.Text();
  if (grant.end <= grant.start) return Deny{Reason::kBadWindow, fmt::format("{}: ends before it starts", id)};
  if (grant.end - grant.start > ceilings.longest) {
    return Over(id, fmt::format("longer than {}", FormatDuration(ceilings.longest)));
  }
  if (grant.start > latest_start) {
    return Over(id, fmt::format("starts more than {} ahead", FormatDuration(ceilings.start_ahead)));
  }
  return std::nullopt;
}

std::optional<Deny> CheckAccess(const Grant& grant, const Ceilings& ceilings) {
  const std::string& id = grant.id.Text();
  if (IsProtected(grant.account, ceilings)) return Over(id, fmt::format("account {} is protected", grant.account.Text()));
  if (grant.uid && !MayHoldGrants(grant.account, *grant.uid, ceilings)) {
    return Over(id, fmt::format("uid {} is a system account or below {}", *grant.uid, ceilings.lowest_uid));
  }
  if (IsFullRoot(grant) && !ceilings.full_root) return Over(id, "full root is not allowed on this host");
  for (const std::string& group : grant.groups) {
    if (std::ranges::find(ceilings.groups, group) == ceilings.groups.end()) {
      return Over(id, fmt::format("group {} is not named by the ceilings", group));
    }
  }
  return std::nullopt;
}

std::optional<Deny> CheckApprovals(const Grant& grant, const Standing& standing) {
  const Ceilings& ceilings = standing.roles.ceilings;
  const std::uint32_t full_root = IsFullRoot(grant) ? ceilings.full_root_approvals : 0;
  const std::size_t needed = std::max(ceilings.approvals, full_root);
  if (needed == 0) return std::nullopt;
  const std::size_t have = CountApprovals(grant, standing.host, standing.roles);
  if (have >= needed) return std::nullopt;
  return Deny{Reason::kTooFewApprovals, fmt::format("{}: {} approver keys of {} needed", grant.id.Text(), have, needed)};
}

// The format has room for more than this version does. To serve such a grant would be to give other than what was signed.
std::optional<Deny> CheckCapable(const Grant& grant) {
  const auto deny = [&](std::string_view what) {
    return Deny{Reason::kUnknownExtension, fmt::format("{}: {}", grant.id.Text(), what)};
  };
  if (!grant.critical.empty()) return deny(grant.critical.front());
  if (grant.strict_lease) return deny("a strict lease");
  if (grant.expiry != Expiry::kEnd) return deny("an end that freezes or only bars what is new");
  if (!grant.groups.empty()) return deny("a membership in groups");
  return std::nullopt;
}

std::optional<Deny> CheckGrant(const Grant& grant, const Standing& standing, Instant latest_start) {
  if (auto deny = CheckTimes(grant, standing.roles.ceilings, latest_start)) return deny;
  if (auto deny = CheckAccess(grant, standing.roles.ceilings)) return deny;
  if (auto deny = CheckCapable(grant)) return deny;
  return CheckApprovals(grant, standing);
}

std::map<GrantId, std::string> OverToday(const Bundle& bundle, const Standing& standing) {
  std::map<GrantId, std::string> over;
  for (const Grant& grant : bundle.grants) {
    if (const auto deny = WhyOver(grant, standing)) over.emplace(grant.id, deny->detail);
  }
  return over;
}

// They stay listed, as all that ended does: whose a session was has to be known.
void EndThem(Bundle& bundle, const std::map<GrantId, std::string>& over, Instant now) {
  for (const Grant& grant : bundle.grants) {
    if (over.contains(grant.id)) bundle.ended.push_back(Tombstone{grant.id, now, grant.end, "condition"});
  }
}

// A directory service may take every spelling for the one account.
std::string WithoutCase(const AccountName& account) {
  std::string name = account.Text();
  for (char& letter : name) letter = letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
  return name;
}

std::optional<Deny> CheckContents(const Bundle& bundle, const Standing& standing, Instant latest_start) {
  for (const ManagedAccount& account : bundle.managed) {
    if (IsProtected(account.name, standing.roles.ceilings)) return Over(account.name.Text(), "is protected, never managed");
  }
  for (const Grant& grant : bundle.grants) {
    if (auto deny = CheckGrant(grant, standing, latest_start)) return deny;
  }
  return std::nullopt;
}

}  // namespace

// What is in force was measured when it came; a clock that has gone back since must not take it away.
std::optional<Deny> WhyOver(const Grant& grant, const Standing& standing) { return CheckGrant(grant, standing, kEndOfTime); }

bool IsProtected(const AccountName& account, const Ceilings& ceilings) {
  const std::string name = WithoutCase(account);
  return name == "root" ||
         std::ranges::any_of(ceilings.denied_accounts, [&](const AccountName& denied) { return WithoutCase(denied) == name; });
}

bool MayHoldGrants(const AccountName& account, Uid uid, const Ceilings& ceilings) {
  // 65534 is nobody, 65535 and 4294967295 are (uid_t)-1 in 16 and 32 bits (systemd, docs/UIDS-GIDS.md).
  const bool system = uid == 0 || uid == 65534 || uid == 65535 || uid == 4294967295U;
  return !system && uid >= ceilings.lowest_uid && !IsProtected(account, ceilings);
}

Verdict<Accepted> Accept(const Verified& verified, const Standing& standing, Instant now) {
  if (verified.For() != Purpose::kBundle) return Deny{Reason::kWrongPurpose, "not sealed as a bundle"};
  auto bundle = DecodeBundle(verified);
  if (!bundle) return Malformed(bundle.error());
  if (bundle->host != standing.host) {
    return Deny{Reason::kOtherHost, fmt::format("made for host {}", bundle->host.Hex())};
  }
  const auto& mark = standing.mark;
  if (mark) {
    if (auto deny = CheckPosition(*bundle, verified.Hash(), *mark)) return std::move(*deny);
  }
  Accepted accepted;
  accepted.mark_ = {bundle->epoch, bundle->version, verified.Hash()};
  accepted.same_ = mark == accepted.mark_;
  if (accepted.same_) {
    accepted.over_ = OverToday(*bundle, standing);
    EndThem(*bundle, accepted.over_, now);
  } else if (auto deny = CheckContents(*bundle, standing, now + standing.roles.ceilings.start_ahead)) {
    return std::move(*deny);
  }
  accepted.gap_ = mark && (bundle->epoch != mark->epoch || bundle->version - mark->version > 1);
  accepted.bundle_ = std::move(*bundle);
  return accepted;
}

Verdict<AcceptedRoles> AcceptRoles(const Verified& verified, const std::optional<RoleTable>& current) {
  if (verified.For() != Purpose::kRoles) return Deny{Reason::kWrongPurpose, "not sealed as a role table"};
  auto table = DecodeRoleTable(verified);
  if (!table) return Malformed(table.error());
  if (current && table->version < current->version) {
    return Deny{Reason::kRollback, fmt::format("version {}, in force is {}", table->version, current->version)};
  }
  if (current && table->version == current->version && *table != *current) {
    return Deny{Reason::kEquivocation, fmt::format("version {} with other contents", table->version)};
  }
  return AcceptedRoles(std::move(*table));
}

Verdict<AcceptedRevocation> AcceptRevocation(const Verified& verified, const HostId& host) {
  if (verified.For() != Purpose::kRevocation) return Deny{Reason::kWrongPurpose, "not sealed as a revocation"};
  auto revocation = DecodeRevocation(verified);
  if (!revocation) return Malformed(revocation.error());
  if (revocation->host != host) return Deny{Reason::kOtherHost, fmt::format("made for host {}", revocation->host.Hex())};
  return AcceptedRevocation(std::move(*revocation));
}

Verdict<AcceptedDelivered> AcceptDelivered(const Verified& verified, const HostId& host) {
  if (verified.For() != Purpose::kDelivered) return Deny{Reason::kWrongPurpose, "not sealed as a receipt for events"};
  const auto delivered = DecodeDelivered(verified);
  if (!delivered) return Malformed(delivered.error());
  if (delivered->host != host) return Deny{Reason::kOtherHost, fmt::format("made for host {}", delivered->host.Hex())};
  return AcceptedDelivered(*delivered);
}

}  // namespace curfew
