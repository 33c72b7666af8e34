// SPDX-License-Identifier: Apache-2.0
// Each road to root that leads past Curfew is named; what leads nowhere is not.
#include "core/other_roads.h"

#include <gtest/gtest.h>

namespace curfew::test {
namespace {

class Roads : public ::testing::Test {
 protected:
  [[nodiscard]] std::vector<std::string> With(const std::vector<std::string>& groups, const std::string& sudoers,
                                              const std::string& polkit = {}) const {
    return OtherRoads(account_, groups, {{"/etc/sudoers", sudoers}}, {{"/etc/polkit-1/rules.d/50.rules", polkit}});
  }
  Gated account_{AccountName::Parse("dev1").value(), 1001, Gate{true, true}};
};

TEST_F(Roads, GroupsThatAreRootByAnotherName) {
  for (const char* group : {"sudo", "wheel", "admin", "docker", "lxd", "disk", "root"}) {
    const auto roads = With({"dev1", group}, "");
    ASSERT_EQ(roads.size(), 1U) << group;
    EXPECT_NE(roads.front().find(std::string("group ") + group), std::string::npos) << roads.front();
  }
  EXPECT_TRUE(With({"dev1", "users", "sudoers", "plugdev"}, "").empty());
}

TEST_F(Roads, RulesOfTheSite) {
  for (const char* rule : {"dev1 ALL=(ALL) NOPASSWD: ALL", "#1001 ALL=ALL", "%web ALL=(root) /bin/id", "ops1,dev1 ALL = ALL",
                           "ops1, dev1 ALL=ALL", "ALL ALL=(ALL) ALL", "dev1\tALL=\\\n  ALL", "User_Alias DEVS = ops1, dev1\nDEVS ALL=ALL"}) {
    const auto roads = With({"web"}, std::string("# head\nDefaults env_reset\n") + rule + "\n");
    ASSERT_EQ(roads.size(), 1U) << rule;
    EXPECT_NE(roads.front().find("/etc/sudoers"), std::string::npos);
  }
  for (const char* rule : {"dev11 ALL=ALL", "#dev1 ALL=ALL", "# dev1 ALL=ALL", "Defaults:dev1 !lecture=1", "%webs ALL=ALL",
                           "ops1 dev1=(root) /bin/id", "Host_Alias dev1 = a", "User_Alias DEVS = dev1\nOTHERS ALL=ALL", "root ALL=(ALL:ALL) ALL"}) {
    EXPECT_TRUE(With({"web"}, std::string(rule) + "\n").empty()) << rule;
  }
}

TEST_F(Roads, PolkitRulesThatNameIt) {
  for (const char* rule : {"if (subject.user == \"dev1\") return polkit.Result.YES;", "subject.isInGroup('web')",
                           "return [\"unix-group:web\"];", "Identity=unix-user:dev1"}) {
    EXPECT_EQ(With({"web"}, "", rule).size(), 1U) << rule;
  }
  for (const char* rule : {"// subject.user == \"dev1\"", "# unix-user:dev1", "subject.user == \"dev11\"", "isInGroup(\"webs\")"}) {
    EXPECT_TRUE(With({"web"}, "", rule).empty()) << rule;
  }
}

}  // namespace
}  // namespace curfew::test
