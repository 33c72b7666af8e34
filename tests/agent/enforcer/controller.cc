// SPDX-License-Identifier: Apache-2.0
// Sealed by the product's own signer; what the enforcer does with it is what is tested.
#include "tests/agent/enforcer/controller.h"

#include "core/codec.h"
#include "os/machine.h"
#include "tests/core/plain_grant.h"

namespace curfew::test {
namespace {

Role OneKey(std::string_view name) { return Role{1, {TestKey(name).Public()}}; }

std::string SealBy(std::string_view key, Purpose purpose, std::string_view body) {
  return curfew::Seal(purpose, body, TestKey(key)).value();
}

}  // namespace

PrivateKey TestKey(std::string_view name) { return PrivateKey::FromSeed(Sha256(name).Raw()).value(); }

HostId TestHost() { return HostId::FromBytes(TestKey("identity").Public().Id().Raw()).value(); }

AccountName Account(std::string_view name) { return AccountName::Parse(name).value(); }

LoginKey SomeLoginKey() {
  return LoginKey::Parse("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIF+HqNHsZansaFNk53r64kLjU7FVEyt27UeOavhJ8zCf").value();
}

GrantId Id(int number) {
  const std::string digits = std::to_string(number);
  return GrantId::Parse("g-" + std::string(20 - digits.size(), '0') + digits).value();
}

Grant GrantOn(int number, std::string_view account, Instant start, Instant end) {
  const auto whole = [](Instant at) { return FromUnixSeconds(UnixSeconds(at)); };
  return PlainGrant(Id(number), Account(account), SomeLoginKey(), whole(start), whole(end));
}

std::string Controller::Roles(std::uint64_t version, std::string_view bundle_key) const {
  RoleTable table;
  table.version = version;
  table.roles = {{Purpose::kBundle, OneKey(bundle_key)}, {Purpose::kDelivered, OneKey("lease")}, {Purpose::kRevocation, OneKey("revoker")}};
  table.ceilings = ceilings_;
  return SealBy(root_, Purpose::kRoles, EncodeRoleTable(table));
}

std::string Controller::Seal(const Bundle& bundle) const { return SealBy("bundle", Purpose::kBundle, EncodeBundle(bundle)); }

std::string Controller::NextBundle() {
  bundle_.previous = last_;
  ++bundle_.version;
  bundle_.issued = ReadNow().utc + ahead_;
  last_ = SignedHash(Purpose::kBundle, EncodeBundle(bundle_));
  return Seal(bundle_);
}

std::string Controller::Delivered(const Event& last) const {
  return SealBy("lease", Purpose::kDelivered, EncodeDelivered(curfew::Delivered{TestHost(), last.seq, HashEvent(last), ReadNow().utc + ahead_}));
}

std::string Controller::Revocation(const GrantId& grant, Instant now) const {
  const Instant whole = FromUnixSeconds(UnixSeconds(now));
  return SealBy("revoker", Purpose::kRevocation, EncodeRevocation(curfew::Revocation{TestHost(), grant, whole, whole + Seconds{86400}}));
}

}  // namespace curfew::test
