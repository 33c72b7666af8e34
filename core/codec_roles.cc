// SPDX-License-Identifier: Apache-2.0
// The role table and its ceilings on the wire. MUST refuse a key that serves two ends: a stolen online key must not count
// as somebody's approval.
#include "core/codec.h"
#include "core/codec_fields.h"
#include "proto/sealed.pb.h"

namespace curfew {
namespace {

constexpr std::size_t kMostKeys = 1000;
constexpr std::size_t kMostGroups = 64;
constexpr auto kMostPurpose = static_cast<std::uint64_t>(Purpose::kCapsule);

constexpr Field kRoleFields[] = {
    Field::Number(1, "purpose", kMostPurpose),
    Field::Number(2, "threshold", kMaxSignatures),
    Field::ManyBytes(3, "keys", kLongestDigest, kMostKeys),
};
constexpr Field kCeilingsFields[] = {
    Field::Number(1, "longest_s", kLongestSpan),
    Field::Number(2, "start_ahead_s", kLongestSpan),
    Field::Number(3, "lowest_uid", kMostUnsigned32),
    Field::Flag(4, "full_root"),
    Field::Number(5, "full_root_approvals", kMostKeys),
    Field::Number(6, "approvals", kMostKeys),
    Field::ManyBytes(7, "groups", kLongestAccount, kMostGroups),
    Field::ManyBytes(8, "denied_accounts", kLongestAccount, kMaxManaged),
};
constexpr Field kTableFields[] = {
    Field::Number(1, "version", kMostUnsigned),
    Field::Messages(2, "roles", kRoleFields, kMostPurpose),
    Field::Message(3, "ceilings", kCeilingsFields),
};

Result<std::pair<Purpose, Role>> ReadRole(const proto::Role& from) {
  auto keys = Distinct("keys", ReadEach("keys", from.keys(), PublicKey::FromBytes), &PublicKey::raw);
  if (!keys) return Failure(std::move(keys.error()));
  if (from.purpose() == 0) return Fail(Errc::kMalformed, "has no purpose");
  if (from.threshold() == 0 || from.threshold() > keys->size()) {
    return Fail(Errc::kMalformed, fmt::format("threshold {} with {} keys", from.threshold(), keys->size()));
  }
  return std::pair{static_cast<Purpose>(from.purpose()), Role{from.threshold(), std::move(*keys)}};
}

Result<std::string> ReadGroup(const std::string& name) {
  auto group = AccountName::Parse(name);  // groups are named by the accounts' rule
  if (!group) return Failure(std::move(group.error()));
  return group->Text();
}

Result<Ceilings> ReadCeilings(const proto::Ceilings& from) {
  auto groups = ReadEach("groups", from.groups(), ReadGroup);
  auto denied = ReadEach("denied_accounts", from.denied_accounts(), AccountName::Parse);
  if (auto error = FirstError(groups, denied)) return Failure(std::move(*error));
  return Ceilings{.longest = ReadSpan(from.longest_s()),
                  .start_ahead = ReadSpan(from.start_ahead_s()),
                  .lowest_uid = from.lowest_uid(),
                  .full_root = from.full_root(),
                  .full_root_approvals = from.full_root_approvals(),
                  .approvals = from.approvals(),
                  .groups = std::move(*groups),
                  .denied_accounts = std::move(*denied)};
}

// Delivered is the lease key's second word; a revocation only takes away, so any key may have that one besides its own.
std::optional<Purpose> EndOf(Purpose purpose) {
  if (purpose == Purpose::kRevocation) return std::nullopt;
  return purpose == Purpose::kDelivered ? Purpose::kLease : purpose;
}

Result<std::map<Purpose, Role>> BindKeys(std::vector<std::pair<Purpose, Role>> list) {
  std::map<Purpose, Role> roles;
  std::map<PublicKey, Purpose> bound;
  for (auto& [purpose, role] : list) {
    if (!roles.empty() && roles.rbegin()->first >= purpose) return Fail(Errc::kMalformed, "purposes do not rise", "roles");
    for (const PublicKey& key : role.keys) {
      const auto end = EndOf(purpose);
      if (end && bound.try_emplace(key, *end).first->second != *end) {
        return Fail(Errc::kMalformed, fmt::format("key {} has two roles", key.Id().Hex()), "roles");
      }
    }
    roles.emplace(purpose, std::move(role));
  }
  return roles;
}

}  // namespace

std::string EncodeRoleTable(const RoleTable& table) {
  proto::RoleTable to;
  to.set_version(table.version);
  for (const auto& [purpose, role] : table.roles) {
    proto::Role* entry = to.add_roles();
    entry->set_purpose(static_cast<std::uint32_t>(purpose));
    entry->set_threshold(role.threshold);
    for (const PublicKey& key : role.keys) entry->add_keys(std::string(key.Raw()));
  }
  const Ceilings& from = table.ceilings;
  proto::Ceilings& ceilings = *to.mutable_ceilings();
  ceilings.set_longest_s(static_cast<std::uint64_t>(from.longest.count()));
  ceilings.set_start_ahead_s(static_cast<std::uint64_t>(from.start_ahead.count()));
  ceilings.set_lowest_uid(from.lowest_uid);
  ceilings.set_full_root(from.full_root);
  ceilings.set_full_root_approvals(from.full_root_approvals);
  ceilings.set_approvals(from.approvals);
  for (const std::string& group : from.groups) ceilings.add_groups(group);
  for (const AccountName& account : from.denied_accounts) ceilings.add_denied_accounts(account.Text());
  return to.SerializeAsString();
}

Result<RoleTable> DecodeRoleTable(const Verified& body) {
  auto from = ParseSigned<proto::RoleTable>(body, Purpose::kRoles, kTableFields);
  if (!from) return Failure(std::move(from.error()));
  if (from->version() == 0) return Fail(Errc::kMalformed, "versions begin at 1", "version");
  if (!from->has_ceilings()) return Fail(Errc::kMalformed, "missing", "ceilings");
  auto list = ReadEach("roles", from->roles(), ReadRole);
  auto ceilings = At("ceilings", ReadCeilings(from->ceilings()));
  if (auto error = FirstError(list, ceilings)) return Failure(std::move(*error));
  auto roles = BindKeys(std::move(*list));
  if (!roles) return Failure(std::move(roles.error()));
  return RoleTable{from->version(), std::move(*roles), std::move(*ceilings)};
}

}  // namespace curfew
