// SPDX-License-Identifier: Apache-2.0
// The policy file is read whole or refused whole, with the place of what is wrong.
#include "core/policy_reader.h"

#include <gtest/gtest.h>

namespace curfew {
namespace {

constexpr const char* kSmallest = R"(version: 1
managed:
  - {hosts: "env=lab", accounts: [dev1, dev2], gate: [login, sudo]}
policies:
  - name: web-root
    who: {groups: [developers]}
    hosts: "role=web"
    account: self                  # or a fixed name
    allow: {login: yes, sudo: all} # or sudo: [[/usr/bin/systemctl, restart, nginx]]
    duration: {default: 1h, max: 4h}
    approve: [{any: [group:leads]}]   # [] = automatic
)";

std::string With(const std::string& from, const std::string& to) {
  std::string text = kSmallest;
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(PolicyReader, ReadsTheSmallest) {
  const auto policy = ReadPolicy(kSmallest, "p.yaml");
  ASSERT_TRUE(policy) << policy.error().Text();
  ASSERT_EQ(policy->managed.size(), 1U);
  EXPECT_EQ(policy->managed[0].accounts.size(), 2U);
  EXPECT_EQ(policy->managed[0].gate, (Gate{true, true}));
  ASSERT_EQ(policy->rules.size(), 1U);
  const PolicyRule& rule = policy->rules[0];
  EXPECT_EQ(rule.name, "web-root");
  EXPECT_EQ(rule.hosts.Text(), "role=web");
  EXPECT_TRUE(std::holds_alternative<OwnAccount>(rule.account));
  EXPECT_TRUE(rule.login);
  ASSERT_TRUE(rule.sudo);
  EXPECT_TRUE(std::holds_alternative<AllCommands>(rule.sudo->commands));
  EXPECT_EQ(rule.sudo->runas.Text(), "root");
  EXPECT_EQ(rule.standard, Seconds{3600});
  EXPECT_EQ(rule.longest, Seconds{4 * 3600});
  ASSERT_EQ(rule.approve.size(), 1U);
  EXPECT_EQ(rule.approve[0].need, 1U);
  ASSERT_EQ(rule.approve[0].who.size(), 1U);
  EXPECT_EQ(Text(rule.approve[0].who[0]), "group:leads");
}

TEST(PolicyReader, ReadsCommandsFixedAccountAndNoApproval) {
  std::string text = With("sudo: all}", "sudo: [[/usr/bin/systemctl, restart, nginx], [/usr/bin/id]], runas: www-data}");
  text.replace(text.find("account: self"), 13, "account: web ");
  text.replace(text.find("[{any: [group:leads]}]"), 22, "[]");
  const auto policy = ReadPolicy(text, "p.yaml");
  ASSERT_TRUE(policy) << policy.error().Text();
  const PolicyRule& rule = policy->rules[0];
  EXPECT_EQ(std::get<AccountName>(rule.account).Text(), "web");
  EXPECT_TRUE(rule.approve.empty());
  EXPECT_EQ(rule.sudo->runas.Text(), "www-data");
  const auto& commands = std::get<std::vector<Command>>(rule.sudo->commands);
  ASSERT_EQ(commands.size(), 2U);
  EXPECT_EQ(commands[0].Argv(), (std::vector<std::string>{"/usr/bin/systemctl", "restart", "nginx"}));
}

struct BadPolicy {
  const char* name;
  std::string text;
  std::string place;  ///< FILE:LINE:COLUMN
  std::string part;   ///< of what is said
};

class Refuses : public ::testing::TestWithParam<BadPolicy> {};

TEST_P(Refuses, WithPlaceAndReason) {
  const auto policy = ReadPolicy(GetParam().text, "p.yaml");
  ASSERT_FALSE(policy);
  EXPECT_EQ(policy.error().where, GetParam().place) << policy.error().Text();
  EXPECT_NE(policy.error().what.find(GetParam().part), std::string::npos) << policy.error().Text();
  EXPECT_TRUE(policy.error().Text().starts_with(GetParam().place + ": ")) << policy.error().Text();
}

INSTANTIATE_TEST_SUITE_P(
    Policy, Refuses,
    ::testing::Values(
        BadPolicy{"Empty", "", "p.yaml:1:1", "empty"},
        BadPolicy{"OnlyComments", "# nothing\n", "p.yaml:1:1", "empty"},
        BadPolicy{"NoMap", "- a\n", "p.yaml:1:1", "must be a map"},
        BadPolicy{"Null", "~\n", "p.yaml:1:1", "must be a map"},
        BadPolicy{"UnknownTopKey", With("version: 1", "version: 1\npolices: []"), "p.yaml:2:1", "unknown key 'polices'"},
        BadPolicy{"UnknownKey", With("account: self ", "acount: self "), "p.yaml:8:5", "unknown key 'acount'"},
        BadPolicy{"KeyTwice", With("hosts: \"role=web\"", "hosts: \"role=web\"\n    hosts: \"role=db\""), "p.yaml:8:5", "given twice"},
        BadPolicy{"InnerKeyTwice", With("login: yes,", "login: yes, login: no,"), "p.yaml:9:25", "given twice"},
        BadPolicy{"MissingKey", With("    approve: [{any: [group:leads]}]", "   "), "p.yaml:5:5", "lacks 'approve'"},
        BadPolicy{"OtherVersion", With("version: 1", "version: 2"), "p.yaml:1:10", "version is not 1"},
        BadPolicy{"Wildcard", With("role=web", "role=*"), "p.yaml:7:12", "not a label's value"},
        BadPolicy{"EmptyHosts", With("\"role=web\"", "\"\""), "p.yaml:7:12", "no term"},
        BadPolicy{"Negation", With("sudo: all}", "sudo: [[\"!/bin/sh\"]]}"), "p.yaml:9:32", "command"},
        BadPolicy{"RelativeCommand", With("sudo: all}", "sudo: [[id]]}"), "p.yaml:9:32", "command"},
        BadPolicy{"SudoWord", With("sudo: all}", "sudo: everything}"), "p.yaml:9:31", "sudo is 'everything'"},
        BadPolicy{"NoCommands", With("sudo: all}", "sudo: []}"), "p.yaml:9:31", "lists no command"},
        BadPolicy{"LoginWord", With("login: yes", "login: maybe"), "p.yaml:9:20", "login is 'maybe'"},
        BadPolicy{"AllowsNothing", With("{login: yes, sudo: all}", "{login: no}"), "p.yaml:9:12", "allows nothing"},
        BadPolicy{"DefaultAboveMax", With("default: 1h", "default: 5h"), "p.yaml:10:25", "longer than max"},
        BadPolicy{"NoDuration", With("max: 4h", "max: 4 fortnights"), "p.yaml:10:34", ""},
        BadPolicy{"NobodyApproves", With("[group:leads]", "[]"), "p.yaml:11:21", "nobody can approve"},
        BadPolicy{"OtherStage", With("{any: [group:leads]}", "{all: [group:leads]}"), "p.yaml:11:16", "unknown key 'all'"},
        BadPolicy{"NobodyAsks", With("{groups: [developers]}", "{}"), "p.yaml:6:10", "names nobody"},
        BadPolicy{"ManagedRoot", With("[dev1, dev2]", "[dev1, root]"), "p.yaml:3:41", "root can never"},
        BadPolicy{"AccountAll", With("[dev1, dev2]", "[dev1, ALL]"), "p.yaml:3:41", ""},
        BadPolicy{"AccountComma", With("[dev1, dev2]", "[\"a,b\"]"), "p.yaml:3:35", ""},
        BadPolicy{"Gate", With("gate: [login, sudo]", "gate: [login, su]"), "p.yaml:3:62", "gate 'su'"},
        BadPolicy{"Anchor", With("[developers]", "&a [developers]"), "p.yaml:6:19", "anchors"},
        BadPolicy{"Alias", With("version: 1", "version: *x"), "p.yaml:1:10", ""},
        BadPolicy{"Tag", With("version: 1", "version: !!int 1"), "p.yaml:1:10", "tag"},
        BadPolicy{"TwoDocuments", std::string(kSmallest) + "---\nversion: 1\n", "p.yaml:1:1", "more than one document"},
        BadPolicy{"NoYaml", With("version: 1", "version: [1"), "p.yaml:2:8", ""},
        BadPolicy{"ControlByte", With("web-root", "web\x01root"), "p.yaml:5:11", ""}),
    [](const auto& given) { return std::string(given.param.name); });

TEST(PolicyReader, RefusesTwoRulesOfOneName) {
  std::string text = kSmallest;
  text += text.substr(text.find("  - name: web-root"));
  const auto policy = ReadPolicy(text, "p.yaml");
  ASSERT_FALSE(policy);
  EXPECT_NE(policy.error().what.find("two policies named web-root"), std::string::npos);
}

TEST(PolicyReader, RefusesWhatIsTooLargeOrTooDeep) {
  const auto large = ReadPolicy(std::string(kMaxPolicyBytes + 1, ' '), "p.yaml");
  ASSERT_FALSE(large);
  EXPECT_NE(large.error().what.find("1 MiB"), std::string::npos);
  const auto deep = ReadPolicy("version: " + std::string(100000, '['), "p.yaml");
  EXPECT_FALSE(deep);
}

// Cut anywhere, the file is refused or means a whole policy; it never crashes and never means half of one.
TEST(PolicyReader, CutAnywhereIsWholeOrRefused) {
  const std::string whole = kSmallest;
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const auto policy = ReadPolicy(std::string_view(whole).substr(0, length), "p.yaml");
    if (!policy) continue;
    ASSERT_EQ(policy->rules.size(), 1U) << length;
    EXPECT_EQ(policy->rules[0].approve.size(), 1U) << length;
  }
}

}  // namespace
}  // namespace curfew
