// SPDX-License-Identifier: Apache-2.0
// What is told of a policy that is well written: gifts that no gate guards, and stages that nobody can pass.
#include "core/policy_doubts.h"

#include <gtest/gtest.h>

#include "core/policy_reader.h"

namespace curfew {
namespace {

Policy Written(const std::string& gates, const std::string& account) {
  return *ReadPolicy(R"(version: 1
managed: )" + gates + R"(
policies:
  - name: web-root
    who: {groups: [developers]}
    hosts: "role=web"
    account: )" + account + R"(
    allow: {login: yes, sudo: all}
    duration: {default: 1h, max: 4h}
    approve: [{any: [group:leads, carol]}]
)", "p.yaml");
}

constexpr const char* kBoth = R"([{hosts: "env=a", accounts: [dev1], gate: [login]}, {hosts: "env=b", accounts: [dev1], gate: [sudo]}])";
constexpr const char* kLogin = R"([{hosts: "env=a", accounts: [dev1], gate: [login]}])";

Person Member(const char* name, const char* group) { return {*PersonName::Parse(name), {*PersonName::Parse(group)}}; }

TEST(UnguardedGifts, AreThoseThatNoGateOfTheirAccountHas) {
  EXPECT_TRUE(UnguardedGifts(Written(kBoth, "self")).empty());
  const auto doubts = UnguardedGifts(Written(kLogin, "self"));
  ASSERT_EQ(doubts.size(), 1U);
  EXPECT_TRUE(doubts.front().starts_with("policy web-root gives sudo")) << doubts.front();
  EXPECT_EQ(UnguardedGifts(Written(kBoth, "deploy")).size(), 2U) << "deploy is managed nowhere";
}

TEST(StagesInVain, AreThoseThatTooFewCanPass) {
  const Policy policy = Written(kBoth, "self");
  ASSERT_EQ(StagesInVain(policy, {Member("alice", "developers")}).size(), 1U);
  EXPECT_NE(StagesInVain(policy, {}).front().find("group:leads, carol"), std::string::npos);
  EXPECT_TRUE(StagesInVain(policy, {Member("lea", "leads")}).empty());
  EXPECT_TRUE(StagesInVain(policy, {Member("carol", "developers")}).empty());
}

}  // namespace
}  // namespace curfew
