// SPDX-License-Identifier: Apache-2.0
// A7 from below: what counts as an approver's signature when the root-signed ceilings ask for some, and how roles and
// revocations are taken.
#include "core/approval.h"

#include <gtest/gtest.h>

#include "core/accept.h"
#include "core/codec.h"
#include "tests/core/trust_world.h"

namespace curfew::test {
namespace {

ApprovedTerms TermsOf(const Grant& grant) {
  return {grant.request_hash, TermsHash(grant), Seconds{3600},
          Noon() + Seconds{7200}, {HostNamed("host1"), HostNamed("host2")}};
}

Approval Yes(std::string_view person, std::initializer_list<std::string_view> keys, const ApprovedTerms& terms) {
  return {PersonName::Parse(person).value(), SealBy(Purpose::kApproval, EncodeApproval(terms), keys)};
}

std::size_t Count(const Grant& grant) { return CountApprovals(grant, HostNamed("host1"), SoundRoles()); }

// The outcome for a host whose ceilings ask for `any` approvals, and `full_root` for full root.
std::string Offered(const Grant& grant, std::uint32_t any, std::uint32_t full_root) {
  Bundle bundle = SoundBundle();
  bundle.grants = {grant};
  Standing standing{HostNamed("host1"), std::nullopt, SoundRoles()};
  standing.roles.ceilings.approvals = any;
  standing.roles.ceilings.full_root_approvals = full_root;
  return Outcome(Accept(Trusted(Purpose::kBundle, EncodeBundle(bundle)), standing, Noon()));
}

TEST(Approval, A7AsManyAsTheCeilingsAskFor) {
  Grant grant = SoundGrant();
  EXPECT_EQ(Offered(grant, 0, 0), "allowed");
  EXPECT_EQ(Offered(grant, 1, 0), "too-few-approvals");
  EXPECT_EQ(Offered(grant, 0, 1), "too-few-approvals");
  grant.approvals = {Yes("lead1", {"approver1"}, TermsOf(grant))};
  EXPECT_EQ(Offered(grant, 1, 1), "allowed");
  EXPECT_EQ(Offered(grant, 2, 0), "too-few-approvals");
  EXPECT_EQ(Offered(grant, 1, 2), "too-few-approvals");
  grant.approvals.push_back(Yes("lead2", {"approver2"}, TermsOf(grant)));
  EXPECT_EQ(Offered(grant, 1, 2), "allowed");
  grant.sudo.reset();
  grant.approvals.clear();
  EXPECT_EQ(Offered(grant, 0, 2), "allowed") << "not full root";
}

TEST(Approval, CountsKeysNotYeses) {
  Grant grant = SoundGrant();
  const ApprovedTerms terms = TermsOf(grant);
  grant.approvals = {Yes("lead1", {"approver1"}, terms), Yes("lead2", {"approver1"}, terms)};
  EXPECT_EQ(Count(grant), 1U);
  grant.approvals = {Yes("lead1", {"approver1", "approver2"}, terms)};
  EXPECT_EQ(Count(grant), 2U);
}

TEST(Approval, OnlyApproversCount) {
  Grant grant = SoundGrant();
  const ApprovedTerms terms = TermsOf(grant);
  for (const std::string_view key : {"bundle", "lease", "revoker", "stranger"}) {
    grant.approvals = {Yes("lead1", {key}, terms)};
    EXPECT_EQ(Count(grant), 0U) << key;
  }
  grant.approvals = {Approval{PersonName::Parse("lead1").value(), ""}, Approval{PersonName::Parse("lead1").value(), "rubbish"}};
  EXPECT_EQ(Count(grant), 0U);
  grant.approvals = {Approval{PersonName::Parse("lead1").value(),
                              SealBy(Purpose::kRevocation, EncodeApproval(terms), {"approver1"})}};
  EXPECT_EQ(Count(grant), 0U) << "sealed for another purpose";
  grant.approvals = {Approval{PersonName::Parse("lead1").value(), SealBy(Purpose::kApproval, "rubbish", {"approver1"})}};
  EXPECT_EQ(Count(grant), 0U);
}

TEST(Approval, NobodyApprovesTheirOwnRequest) {
  Grant grant = SoundGrant();
  grant.approvals = {Yes("dev1", {"approver1"}, TermsOf(grant))};
  EXPECT_EQ(Count(grant), 0U);
}

TEST(Approval, WithoutApproversNobodyCounts) {
  Grant grant = SoundGrant();
  grant.approvals = {Yes("lead1", {"approver1"}, TermsOf(grant))};
  RoleTable table = SoundRoles();
  table.roles.erase(Purpose::kApproval);
  EXPECT_EQ(CountApprovals(grant, HostNamed("host1"), table), 0U);
}

// A controller that was taken over has old yeses at hand: each use for anything else must count nothing.
TEST(Approval, AYesIsForThisRequestOnly) {
  Grant asked = SoundGrant();
  asked.approvals = {Yes("lead1", {"approver1"}, TermsOf(asked))};
  ASSERT_EQ(Count(asked), 1U);
  const auto reused = [&](auto change) {
    Grant grant = asked;
    change(grant);
    return Count(grant);
  };
  EXPECT_EQ(reused([](Grant& g) { g.request_hash = Sha256("another request"); }), 0U);
  EXPECT_EQ(reused([](Grant& g) { g.request = RequestId::Parse("r-99999999999999999999").value(); }), 0U);
  EXPECT_EQ(reused([](Grant& g) { g.principal = PersonName::Parse("mallory").value(); }), 0U);
  EXPECT_EQ(reused([](Grant& g) { g.account = AccountName::Parse("deploy").value(); }), 0U);
  EXPECT_EQ(reused([](Grant& g) { g.sudo->runas = AccountName::Parse("www-data").value(); }), 0U);
  EXPECT_EQ(reused([](Grant& g) { g.sudo->commands = std::vector{Command::Parse({"/bin/sh"}).value()}; }), 0U);
  EXPECT_EQ(reused([](Grant& g) { g.sudo.reset(); }), 0U);
  EXPECT_EQ(reused([](Grant& g) { g.login->keys.clear(); }), 0U);
  EXPECT_EQ(reused([](Grant& g) { g.login->sources.clear(); }), 0U);
  EXPECT_EQ(reused([](Grant& g) { g.groups = {"docker"}; }), 0U);
  EXPECT_EQ(reused([](Grant& g) { g.expiry = Expiry::kBlockNew; }), 0U);
  EXPECT_EQ(reused([](Grant& g) { g.longest_session = Seconds{60}; }), 0U);
  EXPECT_EQ(reused([](Grant& g) { g.lease = Seconds{60}; }), 0U);
  EXPECT_EQ(reused([](Grant& g) { g.end += Seconds{1}; }), 0U) << "longer than was said";
  EXPECT_EQ(reused([](Grant& g) { g.start += Seconds{3601}, g.end += Seconds{3601}; }), 0U) << "later than was said";
  EXPECT_EQ(CountApprovals(asked, HostNamed("host3"), SoundRoles()), 0U) << "a host that was not named";
}

TEST(Approval, AYesLetsTheControllerChooseIdAndTime) {
  Grant grant = SoundGrant();
  grant.approvals = {Yes("lead1", {"approver1"}, TermsOf(grant))};
  grant.id = GrantId::Parse("g-99999999999999999999").value();
  grant.start += Seconds{600};
  grant.uid.reset();
  EXPECT_EQ(Count(grant), 1U);
}

TEST(Roles, OnlyANewerTableReplacesOurs) {
  const auto offered = [](const RoleTable& table, const std::optional<RoleTable>& current) {
    return Outcome(AcceptRoles(Trusted(Purpose::kRoles, EncodeRoleTable(table)), current));
  };
  RoleTable second = SoundRoles();
  second.version = 2;
  RoleTable other = SoundRoles();
  other.ceilings.full_root = false;
  EXPECT_EQ(offered(SoundRoles(), std::nullopt), "allowed");
  EXPECT_EQ(offered(second, SoundRoles()), "allowed");
  EXPECT_EQ(offered(SoundRoles(), SoundRoles()), "allowed");
  EXPECT_EQ(offered(SoundRoles(), second), "rollback");
  EXPECT_EQ(offered(other, SoundRoles()), "equivocation");
  EXPECT_EQ(Outcome(AcceptRoles(Trusted(Purpose::kRoles, "rubbish"), std::nullopt)), "malformed");
}

TEST(Revocations, AreForTheHostTheyName) {
  const Revocation revocation{HostNamed("host1"), SoundGrant().id, Noon(), Noon() + Seconds{60}};
  const Verified body = Trusted(Purpose::kRevocation, EncodeRevocation(revocation));
  EXPECT_EQ(std::get<AcceptedRevocation>(AcceptRevocation(body, HostNamed("host1"))).Value(), revocation);
  EXPECT_EQ(Outcome(AcceptRevocation(body, HostNamed("host2"))), "other-host");
  EXPECT_EQ(Outcome(AcceptRevocation(Trusted(Purpose::kRevocation, "RVK1"), HostNamed("host1"))), "malformed");
}

}  // namespace
}  // namespace curfew::test
