// SPDX-License-Identifier: Apache-2.0
// What a host takes and refuses when the signature is right: B1, B2, B6, other hosts, and each ceiling (C5).
#include "core/accept.h"

#include <limits>

#include <gtest/gtest.h>

#include "core/codec.h"
#include "core/desired.h"
#include "tests/core/trust_world.h"

namespace curfew::test {
namespace {

Verified Sealed(const Bundle& bundle) { return Trusted(Purpose::kBundle, EncodeBundle(bundle)); }
ContentHash HashOf(const Bundle& bundle) { return SignedHash(Purpose::kBundle, EncodeBundle(bundle)); }
BundleMark MarkOf(const Bundle& bundle) { return {bundle.epoch, bundle.version, HashOf(bundle)}; }

Standing Fresh() { return {HostNamed("host1"), std::nullopt, SoundRoles()}; }
Standing Holding(const Bundle& bundle) { return {HostNamed("host1"), MarkOf(bundle), SoundRoles()}; }

Bundle Next(const Bundle& bundle) {
  Bundle next = bundle;
  ++next.version;
  next.previous = HashOf(bundle);
  return next;
}

std::string Offered(const Bundle& bundle, const Standing& standing) { return Outcome(Accept(Sealed(bundle), standing, Noon())); }

// The outcome for the sound bundle with its grant changed.
template <class Change>
std::string WithGrant(Change change, const Ceilings& ceilings = {}) {
  Bundle bundle = SoundBundle();
  change(bundle.grants[0]);
  Standing standing = Fresh();
  standing.roles.ceilings = ceilings;
  return Offered(bundle, standing);
}

TEST(Accept, TakesASoundBundleAsItIs) {
  const auto verdict = Accept(Sealed(SoundBundle()), Fresh(), Noon());
  const auto& accepted = std::get<Accepted>(verdict);
  EXPECT_EQ(accepted.Value(), SoundBundle());
  EXPECT_EQ(accepted.Mark(), MarkOf(SoundBundle()));
  EXPECT_FALSE(accepted.Gap());
  EXPECT_FALSE(accepted.Same());
}

TEST(Accept, AnotherHostsBundleIsRefused) {
  Standing standing = Fresh();
  standing.host = HostNamed("host2");
  EXPECT_EQ(Offered(SoundBundle(), standing), "other-host");
}

TEST(Accept, OnlyABundleIsABundle) {
  for (const Purpose purpose : AllPurposes()) {
    const Verified body = Trusted(purpose, SoundBody(Purpose::kBundle));
    EXPECT_EQ(Outcome(Accept(body, Fresh(), Noon())), purpose == Purpose::kBundle ? "allowed" : "wrong-purpose");
    EXPECT_EQ(Outcome(AcceptRoles(Trusted(purpose, SoundBody(Purpose::kRoles)), std::nullopt)),
              purpose == Purpose::kRoles ? "allowed" : "wrong-purpose");
    EXPECT_EQ(Outcome(AcceptRevocation(Trusted(purpose, SoundBody(Purpose::kRevocation)), HostNamed("host1"))),
              purpose == Purpose::kRevocation ? "allowed" : "wrong-purpose");
  }
  EXPECT_EQ(Outcome(Accept(Trusted(Purpose::kBundle, "rubbish"), Fresh(), Noon())), "malformed");
}

TEST(Accept, B1AnOlderVersionIsARollback) {
  const Bundle first = SoundBundle();
  const Bundle second = Next(first);
  EXPECT_EQ(Offered(first, Holding(second)), "rollback");
  Bundle older_epoch = Next(second);
  older_epoch.epoch = 0;
  older_epoch.version = 1000;
  EXPECT_EQ(Offered(older_epoch, Holding(second)), "rollback");
  Bundle last = first;
  last.version = std::numeric_limits<std::uint64_t>::max();
  EXPECT_EQ(Offered(first, Holding(last)), "rollback") << "the version after the last is not the first";
}

TEST(Accept, B2TheSameVersionWithOtherBytesIsEquivocation) {
  Bundle other = SoundBundle();
  other.grants.clear();
  EXPECT_EQ(Offered(other, Holding(SoundBundle())), "equivocation");
  const auto same = Accept(Sealed(SoundBundle()), Holding(SoundBundle()), Noon());
  EXPECT_TRUE(std::get<Accepted>(same).Same());
  EXPECT_FALSE(std::get<Accepted>(same).Gap());
}

TEST(Accept, B6TheNextVersionMustFollowOurs) {
  const Bundle first = SoundBundle();
  EXPECT_EQ(Offered(Next(first), Holding(first)), "allowed");
  Bundle stranger = Next(first);
  stranger.previous = Sha256("another history");
  EXPECT_EQ(Offered(stranger, Holding(first)), "broken-chain");
}

TEST(Accept, AGapIsTakenAndSaid) {
  const Bundle first = SoundBundle();
  const Bundle third = Next(Next(first));
  EXPECT_TRUE(std::get<Accepted>(Accept(Sealed(third), Holding(first), Noon())).Gap());
  EXPECT_FALSE(std::get<Accepted>(Accept(Sealed(Next(first)), Holding(first), Noon())).Gap());
  Bundle new_epoch = first;
  new_epoch.epoch = 2;
  EXPECT_TRUE(std::get<Accepted>(Accept(Sealed(new_epoch), Holding(third), Noon())).Gap());
}

TEST(Accept, TombstonesAndEndedGrantsComeThrough) {
  Bundle bundle = SoundBundle();
  bundle.grants[0].start = Noon() - Seconds{7200};
  bundle.grants[0].end = Noon() - Seconds{3600};
  bundle.ended[0].until = Noon() - Seconds{1};
  const auto verdict = Accept(Sealed(bundle), Fresh(), Noon());
  ASSERT_EQ(Outcome(verdict), "allowed") << "an end in the past is no reason to refuse";
  EXPECT_EQ(std::get<Accepted>(verdict).Value().ended, bundle.ended);
  EXPECT_EQ(std::get<Accepted>(verdict).Value().grants, bundle.grants);
}

TEST(Accept, C5TimesHaveCeilings) {
  const Ceilings day;
  EXPECT_EQ(WithGrant([](Grant& g) { g.end = g.start + Seconds{86400}; }, day), "allowed");
  EXPECT_EQ(WithGrant([](Grant& g) { g.end = g.start + Seconds{86401}; }, day), "over-ceiling");
  EXPECT_EQ(WithGrant([](Grant& g) { g.start = Noon() + Seconds{86400}, g.end = g.start + Seconds{60}; }), "allowed");
  EXPECT_EQ(WithGrant([](Grant& g) { g.start = Noon() + Seconds{86401}, g.end = g.start + Seconds{60}; }), "over-ceiling");
  EXPECT_EQ(WithGrant([](Grant& g) { g.end = g.start; }), "bad-window");
  EXPECT_EQ(WithGrant([](Grant& g) { g.end = g.start - Seconds{1}; }), "bad-window");
  EXPECT_EQ(WithGrant([](Grant& g) { g.start = FromUnixSeconds(0), g.end = Noon(); }), "over-ceiling");
}

TEST(Accept, C5SystemAndProtectedAccounts) {
  for (const Uid uid : {0U, 1U, 999U, 65534U, 65535U, 4294967295U}) {
    EXPECT_EQ(WithGrant([&](Grant& g) { g.uid = uid; }), "over-ceiling") << uid;
  }
  EXPECT_EQ(WithGrant([](Grant& g) { g.uid = 1000; }), "allowed");
  EXPECT_EQ(WithGrant([](Grant& g) { g.uid.reset(); }), "allowed") << "then the host asks MayHoldGrants";
  Ceilings low;
  low.lowest_uid = 0;
  EXPECT_EQ(WithGrant([](Grant& g) { g.uid = 0; }, low), "over-ceiling") << "uid 0 whatever the ceilings say";
  EXPECT_EQ(WithGrant([](Grant& g) { g.account = AccountName::Parse("root").value(), g.uid.reset(); }, low), "over-ceiling");
  Ceilings deny;
  deny.denied_accounts = {AccountName::Parse("dev1").value()};
  EXPECT_EQ(WithGrant([](Grant& g) { g.uid.reset(); }, deny), "over-ceiling");
}

TEST(Accept, ProtectedAccountsAreNeverManaged) {
  Bundle bundle = SoundBundle();
  bundle.grants.clear();
  bundle.managed.push_back({AccountName::Parse("root").value(), Gate{true, true}});
  EXPECT_EQ(Offered(bundle, Fresh()), "over-ceiling");
  bundle.managed.back().name = AccountName::Parse("Root").value();
  EXPECT_EQ(Offered(bundle, Fresh()), "over-ceiling") << "a directory may take it for root";
  bundle.managed.back().name = AccountName::Parse("ops1").value();
  EXPECT_EQ(Offered(bundle, Fresh()), "allowed");
  Standing denies = Fresh();
  for (const char* denied : {"ops1", "OPS1"}) {
    denies.roles.ceilings.denied_accounts = {AccountName::Parse(denied).value()};
    EXPECT_EQ(Offered(bundle, denies), "over-ceiling") << denied;
  }
}

TEST(Accept, MayHoldGrantsIsWhatTheHostAsks) {
  const auto dev1 = AccountName::Parse("dev1").value();
  for (const Uid uid : {0U, 999U, 65534U, 65535U, 4294967295U}) EXPECT_FALSE(MayHoldGrants(dev1, uid, Ceilings{}));
  for (const Uid uid : {1000U, 1001U, 65533U, 65536U, 4294967294U}) EXPECT_TRUE(MayHoldGrants(dev1, uid, Ceilings{}));
  EXPECT_FALSE(MayHoldGrants(AccountName::Parse("root").value(), 1001, Ceilings{}));
}

TEST(Accept, C5FullRootAndGroupsNeedTheCeilingsWord) {
  Ceilings narrow;
  narrow.full_root = false;
  EXPECT_EQ(WithGrant([](Grant&) {}, narrow), "over-ceiling");
  EXPECT_EQ(WithGrant([](Grant& g) { g.sudo->runas = AccountName::Parse("www-data").value(); }, narrow), "allowed");
  EXPECT_EQ(WithGrant([](Grant& g) { g.sudo.reset(); }, narrow), "allowed");
  for (const char* group : {"docker", "lxd", "disk", "adm", "sudo", "wheel", "developers"}) {
    EXPECT_EQ(WithGrant([&](Grant& g) { g.groups = {group}; }), "over-ceiling") << group;
    Ceilings named;
    named.groups = {group};
    EXPECT_EQ(WithGrant([&](Grant& g) { g.groups = {group}; }, named), "unknown-extension") << group << ": not done yet";
    EXPECT_EQ(WithGrant([&](Grant& g) { g.groups = {group, "other"}; }, named), "over-ceiling") << group;
  }
  narrow.groups = {"docker"};
  EXPECT_EQ(WithGrant([](Grant& g) { g.sudo.reset(), g.groups = {"docker"}; }, narrow), "over-ceiling") << "root by another name";
}

TEST(Accept, WhatTheFormatHasAndThisVersionDoesNotDo) {
  EXPECT_EQ(WithGrant([](Grant& g) { g.lease = Seconds{60}; }), "allowed") << "without a lease it runs to its end";
  EXPECT_EQ(WithGrant([](Grant& g) { g.lease = Seconds{60}, g.strict_lease = true; }), "unknown-extension");
  EXPECT_EQ(WithGrant([](Grant& g) { g.expiry = Expiry::kFreeze; }), "unknown-extension");
  EXPECT_EQ(WithGrant([](Grant& g) { g.expiry = Expiry::kBlockNew; }), "unknown-extension");
}

TEST(Accept, ACeilingIsForEndedGrantsToo) {
  const auto past = [](Grant& g) { g.start = Noon() - Seconds{7200}, g.end = Noon() - Seconds{3600}, g.uid = 0; };
  EXPECT_EQ(WithGrant(past), "over-ceiling");
}

TEST(Accept, OneGrantOverTheCeilingRefusesTheBundle) {
  Bundle bundle = SoundBundle();
  Grant second = SoundGrant();
  second.id = GrantId::Parse("g-99999999999999999999").value();
  second.uid = 0;
  bundle.grants.push_back(second);
  const auto verdict = Accept(Sealed(bundle), Fresh(), Noon());
  ASSERT_NE(Denied(verdict), nullptr);
  EXPECT_EQ(Denied(verdict)->detail, "g-99999999999999999999: uid 0 is a system account or below 1000");
}

TEST(Accept, WhatIsInForceIsMeasuredAgain) {
  Standing standing = Holding(SoundBundle());
  standing.roles.ceilings.full_root = false;
  const auto verdict = Accept(Sealed(SoundBundle()), standing, Noon());
  const auto* accepted = std::get_if<Accepted>(&verdict);
  ASSERT_NE(accepted, nullptr) << "the gates that it closes stay closed";
  ASSERT_TRUE(accepted->Over().contains(SoundGrant().id));
  EXPECT_NE(accepted->Over().at(SoundGrant().id).find("full root"), std::string::npos);
  HostFacts facts;
  facts.users = {{SoundGrant().account, SoundGrant().uid.value_or(1001)}};
  const Now then{Instant{SoundGrant().start}, BootInstant{}};
  EXPECT_EQ(DesiredState(SoundBundle(), facts, then).live.size(), 1U);
  EXPECT_TRUE(DesiredState(accepted->Value(), facts, then).live.empty()) << "whoever serves its value serves none of them";
  EXPECT_EQ(Offered(Next(SoundBundle()), standing), "over-ceiling") << "a new one is refused whole";
}

TEST(Accept, AReceiptForAnotherHostIsNone) {
  const Verified receipt = Trusted(Purpose::kDelivered, SoundBody(Purpose::kDelivered));
  EXPECT_EQ(Outcome(AcceptDelivered(receipt, HostNamed("host1"))), "allowed");
  EXPECT_EQ(Outcome(AcceptDelivered(receipt, HostNamed("host2"))), "other-host");
  EXPECT_EQ(Outcome(AcceptDelivered(Trusted(Purpose::kEvents, SoundBody(Purpose::kDelivered)), HostNamed("host1"))), "wrong-purpose");
}

TEST(Accept, AClockThatWentBackTakesNothingThatIsInForce) {
  const Instant back_then = FromUnixSeconds(0);
  EXPECT_EQ(Outcome(Accept(Sealed(SoundBundle()), Holding(SoundBundle()), back_then)), "allowed");
  EXPECT_EQ(Outcome(Accept(Sealed(Next(SoundBundle())), Holding(SoundBundle()), back_then)), "over-ceiling");
  EXPECT_EQ(Outcome(Accept(Sealed(SoundBundle()), Fresh(), back_then)), "over-ceiling");
}

TEST(Accept, UnknownCriticalExtensionsAreRefused) {
  EXPECT_EQ(WithGrant([](Grant& g) { g.critical = {"only-on-tuesdays"}; }), "unknown-extension");
}

}  // namespace
}  // namespace curfew::test
