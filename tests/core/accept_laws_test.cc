// SPDX-License-Identifier: Apache-2.0
// Laws of Accept over random histories: what is in force never goes back, and no order of delivery brings back what was ended.
#include "core/accept.h"

#include <algorithm>
#include <tuple>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "core/codec.h"
#include "tests/core/trust_world.h"

namespace curfew::test {
namespace {

template <class Number>
Number In(Number low, Number beyond) {
  return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange<Number>(low, beyond));
}

std::string BytesOf(const Bundle& bundle) { return EncodeBundle(bundle); }
ContentHash HashOf(const Bundle& bundle) { return SignedHash(Purpose::kBundle, BytesOf(bundle)); }

// Bundles of two epochs and few versions, each with one of three histories and one of two contents.
Bundle AnyStep(const std::vector<ContentHash>& histories) {
  Bundle bundle = SoundBundle();
  bundle.epoch = In<std::uint64_t>(1, 3);
  bundle.version = In<std::uint64_t>(1, 5);
  bundle.previous = histories[In<std::size_t>(0, histories.size())];
  if (In(0, 2) == 1) bundle.grants.clear();
  return bundle;
}

void CheckStep(const BundleMark& before, const Bundle& bundle, const Accepted& accepted) {
  const BundleMark& after = accepted.Mark();
  RC_ASSERT(std::tie(after.epoch, after.version) >= std::tie(before.epoch, before.version));
  RC_ASSERT(accepted.Same() == (after == before));
  const bool same_epoch = after.epoch == before.epoch;
  if (same_epoch && after.version == before.version) RC_ASSERT(after.hash == before.hash);
  const bool next = same_epoch && after.version == before.version + 1;
  if (next) RC_ASSERT(bundle.previous == before.hash);
  RC_ASSERT(accepted.Gap() == (!accepted.Same() && !next));
  RC_ASSERT(accepted.Value() == bundle);
}

// B1, B2, B6: whatever comes in whatever order, each step goes forward and says truly what it is.
RC_GTEST_PROP(AcceptLaws, B1B2B6NothingGoesBack, ()) {
  Standing standing{HostNamed("host1"), std::nullopt, SoundRoles()};
  std::vector<ContentHash> histories{ContentHash{}, Sha256("another history")};
  std::size_t taken = 0;
  for (int step = 0; step < 12; ++step) {
    const Bundle bundle = AnyStep(histories);
    const auto verdict = Accept(Trusted(Purpose::kBundle, BytesOf(bundle)), standing, Noon());
    const auto* accepted = std::get_if<Accepted>(&verdict);
    if (accepted == nullptr) continue;
    if (standing.mark) CheckStep(*standing.mark, bundle, *accepted);
    standing.mark = accepted->Mark();
    histories.push_back(HashOf(bundle));
    ++taken;
  }
  RC_CLASSIFY(taken > 3);
}

// A controller's true history, delivered with losses, repeats and in any order: what is in force is the newest that came.
RC_GTEST_PROP(AcceptLaws, TheNewestThatCameIsInForce, ()) {
  std::vector<Bundle> history{SoundBundle()};
  for (int i = 0; i < 5; ++i) {
    Bundle next = history.back();
    ++next.version;
    next.previous = HashOf(history.back());
    history.push_back(next);
  }
  Standing standing{HostNamed("host1"), std::nullopt, SoundRoles()};
  std::uint64_t newest = 0;
  for (int delivery = 0; delivery < 10; ++delivery) {
    const Bundle& bundle = history[In<std::size_t>(0, history.size())];
    const auto verdict = Accept(Trusted(Purpose::kBundle, BytesOf(bundle)), standing, Noon());
    RC_ASSERT((Denied(verdict) == nullptr) == (bundle.version >= newest));
    newest = std::max(newest, bundle.version);
    if (const auto* accepted = std::get_if<Accepted>(&verdict)) standing.mark = accepted->Mark();
    RC_ASSERT(standing.mark->version == newest);
  }
}

Grant AnyGrant(std::size_t number) {
  Grant grant = SoundGrant();
  grant.id = GrantId::Parse("g-0000000000000000000" + std::to_string(number)).value();
  grant.end = grant.start + Seconds{In(1, 5) * 3600};
  grant.account = AccountName::Parse(In(0, 2) == 1 ? "dev1" : "dev2").value();
  if (In(0, 2) == 1) grant.sudo.reset();
  if (In(0, 3) == 1) grant.uid = static_cast<Uid>(In(900, 1100));
  return grant;
}

Ceilings AnyCeilings() {
  Ceilings ceilings;
  ceilings.longest = Seconds{In(1, 5) * 3600};
  ceilings.full_root = In(0, 2) == 1;
  ceilings.approvals = static_cast<std::uint32_t>(In(0, 2));
  ceilings.lowest_uid = static_cast<Uid>(In(950, 1050));
  if (In(0, 2) == 1) ceilings.denied_accounts.push_back(AccountName::Parse("dev2").value());
  return ceilings;
}

// C5: under other ceilings the bundle in force stays, and of it falls exactly what a bundle of that grant alone would be denied for.
RC_GTEST_PROP(AcceptLaws, C5OtherCeilingsTakeExactlyWhatTheyDeny, ()) {
  Bundle bundle = SoundBundle();
  bundle.grants.clear();
  bundle.managed.clear();
  bundle.ended.clear();
  for (std::size_t i = 0; i < 4; ++i) bundle.grants.push_back(AnyGrant(i));
  Standing standing{HostNamed("host1"), BundleMark{bundle.epoch, bundle.version, HashOf(bundle)}, SoundRoles()};
  standing.roles.ceilings = AnyCeilings();
  const auto again = Accept(Trusted(Purpose::kBundle, BytesOf(bundle)), standing, Noon());
  RC_ASSERT(Denied(again) == nullptr);
  const auto& over = std::get<Accepted>(again).Over();
  const auto& stones = std::get<Accepted>(again).Value().ended;
  for (const Grant& grant : bundle.grants) {
    Bundle alone = bundle;
    alone.grants = {grant};
    const auto fresh = Accept(Trusted(Purpose::kBundle, BytesOf(alone)), Standing{standing.host, std::nullopt, standing.roles}, Noon());
    const Deny* deny = Denied(fresh);
    RC_ASSERT((deny != nullptr) == over.contains(grant.id));
    const auto is_this = [&](const Tombstone& stone) { return stone.grant == grant.id; };
    RC_ASSERT((deny != nullptr) == std::any_of(stones.begin(), stones.end(), is_this));
    if (deny != nullptr) RC_ASSERT(over.at(grant.id) == deny->detail);
  }
  RC_CLASSIFY(!over.empty() && over.size() < bundle.grants.size());
}

}  // namespace
}  // namespace curfew::test
