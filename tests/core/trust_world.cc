// SPDX-License-Identifier: Apache-2.0
// Everything is made by the product's own parsers and sealed by its own signer.
#include "tests/core/trust_world.h"

#include <fmt/format.h>

#include "core/approval.h"
#include "core/codec.h"
#include "tests/core/plain_grant.h"

namespace curfew::test {
namespace {

Role OneKey(std::string_view name) { return RoleOf(1, {name}); }

LoginKey SomeKey() {
  return LoginKey::Parse("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGPtVvlTmZ/N6mJUpJHrsERhFcQH+BqGfO2l5SvkHRl3").value();
}

}  // namespace

PrivateKey KeyNamed(std::string_view name) { return PrivateKey::FromSeed(Sha256(name).Raw()).value(); }

Role RoleOf(std::uint32_t threshold, std::initializer_list<std::string_view> names) {
  Role role{threshold, {}};
  for (const std::string_view name : names) role.keys.push_back(KeyNamed(name).Public());
  return role;
}

HostId HostNamed(std::string_view name) { return HostId::FromBytes(KeyNamed(name).Public().Id().Raw()).value(); }

std::string SealBy(Purpose purpose, std::string_view body, std::initializer_list<std::string_view> names) {
  std::vector<PrivateKey> keys;
  std::vector<const PrivateKey*> pointers;
  for (const std::string_view name : names) keys.push_back(KeyNamed(name));
  for (const PrivateKey& key : keys) pointers.push_back(&key);
  return Seal(purpose, body, pointers.data(), pointers.size()).value();
}

Verified Trusted(Purpose purpose, std::string_view body) {
  return std::get<Verified>(Verify(SealBy(purpose, body, {"anybody"}), purpose, OneKey("anybody")));
}

Instant Noon() { return ParseRfc3339("2026-11-22T12:00:00Z").value(); }

Grant SoundGrant() {
  Grant grant = PlainGrant(GrantId::Parse("g-0123456789abcdefghij").value(), AccountName::Parse("dev1").value(), SomeKey(),
                           Noon(), Noon() + Seconds{3600});
  grant.uid = 1001;
  grant.login->sources = {"192.0.2.0/24"};
  grant.reason = "deploy nginx";
  grant.ticket = "OPS-17";
  grant.request = RequestId::Parse("r-0123456789abcdefghij").value();
  grant.request_hash = Sha256("the request");
  return grant;
}

Bundle SoundBundle() {
  const auto gone = GrantId::Parse("g-00000000000000000001").value();
  return Bundle{.format = kFormat,
                .host = HostNamed("host1"),
                .epoch = 1,
                .version = 1,
                .previous = {},
                .issued = Noon(),
                .grants = {SoundGrant()},
                .ended = {Tombstone{gone, Noon() - Seconds{60}, Noon() + Seconds{3600}, "revoked"}},
                .managed = {ManagedAccount{AccountName::Parse("dev1").value(), Gate{true, true}}}};
}

RoleTable SoundRoles() {
  return RoleTable{1,
                   {{Purpose::kBundle, OneKey("bundle")},
                    {Purpose::kLease, OneKey("lease")},
                    {Purpose::kDelivered, OneKey("lease")},
                    {Purpose::kRevocation, RoleOf(1, {"revoker", "bundle"})},
                    {Purpose::kApproval, RoleOf(1, {"approver1", "approver2", "approver3"})}},
                   Ceilings{}};
}

Receipt SoundReceipt() {
  return Receipt{.host = HostNamed("host1"),
                 .grant = SoundGrant().id,
                 .ended = Noon(),
                 .looked = Noon() + Millis{20},
                 .cause = "expired",
                 .rule_gone = true,
                 .key_gone = true,
                 .survivors = {Survivor{4711, 0, "sleep 1000", "cron.service"}}};
}

EventBatch SoundBatch(std::size_t count) {
  EventBatch batch{HostNamed("host1"), {}};
  for (std::size_t i = 1; i <= count; ++i) {
    Event event;
    event.seq = i;
    event.at = Noon() + Millis{static_cast<std::int64_t>(i)};
    event.boot = "8c2b2ef0-9f4b-4e4e-9f0e-0d2a9fd7b9a1";
    event.kind = EventKind::kHeartbeat;
    event.detail = fmt::format("beat {}", i);
    if (!batch.events.empty()) event.previous = HashEvent(batch.events.back());
    batch.events.push_back(event);
  }
  return batch;
}

std::string SoundBody(Purpose purpose) {
  const Revocation revocation{HostNamed("host1"), SoundGrant().id, Noon(), Noon() + Seconds{3600}};
  const ApprovedTerms yes{SoundGrant().request_hash, TermsHash(SoundGrant()), Seconds{3600}, Noon() + Seconds{7200},
                          {HostNamed("host1")}};
  switch (purpose) {
    case Purpose::kRoles: return EncodeRoleTable(SoundRoles());
    case Purpose::kBundle: return EncodeBundle(SoundBundle());
    case Purpose::kRevocation: return EncodeRevocation(revocation);
    case Purpose::kReceipt: return EncodeReceipt(SoundReceipt());
    case Purpose::kEvents: return EncodeEventBatch(SoundBatch(3));
    case Purpose::kDelivered: return EncodeDelivered({HostNamed("host1"), 3, Sha256("head"), Noon()});
    case Purpose::kApproval: return EncodeApproval(yes);
    case Purpose::kLease:
    case Purpose::kCapsule: break;
  }
  return "no format yet";
}

const std::vector<Purpose>& AllPurposes() {
  static const std::vector<Purpose> kAll{Purpose::kRoles,   Purpose::kBundle, Purpose::kLease,
                                         Purpose::kRevocation, Purpose::kReceipt, Purpose::kEvents,
                                         Purpose::kDelivered,  Purpose::kApproval, Purpose::kCapsule};
  return kAll;
}

}  // namespace curfew::test
