// SPDX-License-Identifier: Apache-2.0
// Which rule covers what is asked, and what is said when none does.
#include "core/policy.h"

#include <gtest/gtest.h>

#include "core/policy_reader.h"

namespace curfew {
namespace {

constexpr const char* kPolicy = R"(version: 1
managed:
  - {hosts: "env=lab", accounts: [dev1, dev2], gate: [login]}
  - {hosts: "role=web", accounts: [dev1, deploy], gate: [sudo]}
policies:
  - name: restart
    who: {groups: [developers], people: [carol]}
    hosts: "role=web"
    account: self
    allow: {login: yes, sudo: [[/usr/bin/systemctl, restart, nginx], [/usr/bin/id]]}
    duration: {default: 30m, max: 8h}
    approve: []
  - name: web-root
    who: {groups: [developers]}
    hosts: "role=web"
    account: self
    allow: {login: yes, sudo: all}
    duration: {default: 1h, max: 4h}
    approve: [{any: [group:leads]}]
  - name: deploying
    who: {groups: [developers]}
    hosts: "env=lab"
    account: deploy
    allow: {sudo: all}
    duration: {default: 1h, max: 1h}
    approve: [{any: [group:leads]}, {any: [alice]}]
)";

PersonName Named(const char* name) { return *PersonName::Parse(name); }
AccountName Account(const char* name) { return *AccountName::Parse(name); }
Command Cmd(const std::vector<std::string>& argv) { return *Command::Parse(argv); }
Target Web(const char* name) { return {*HostName::Parse(name), {{"env", "lab"}, {"role", "web"}}}; }
Target Db(const char* name) { return {*HostName::Parse(name), {{"env", "lab"}, {"role", "db"}}}; }

class Match : public ::testing::Test {
 protected:
  Result<Matched> Asked(const Ask& ask, const std::vector<Target>& targets) const { return MatchPolicy(policy, person, targets, ask); }
  Policy policy = *ReadPolicy(kPolicy, "p.yaml");
  Person person{Named("dev1"), {Named("developers")}};
};

TEST_F(Match, FirstRuleThatCoversAll) {
  const auto plain = Asked({}, {Web("a")});
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->rule, "restart");
  EXPECT_EQ(plain->duration, Seconds{1800});
  EXPECT_EQ(plain->account.Text(), "dev1");
  EXPECT_TRUE(plain->login);
  EXPECT_TRUE(plain->approve.empty());

  Ask everything;
  everything.sudo = AllCommands{};
  const auto root = Asked(everything, {Web("a"), Web("b")});
  ASSERT_TRUE(root);
  EXPECT_EQ(root->rule, "web-root");
  EXPECT_EQ(root->approve.size(), 1U);
}

TEST_F(Match, NamedRuleOnly) {
  Ask ask;
  ask.rule = "web-root";
  EXPECT_EQ(Asked(ask, {Web("a")})->rule, "web-root");
  ask.rule = "nothing";
  const auto missing = Asked(ask, {Web("a")});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, Errc::kNotFound);
}

TEST_F(Match, CommandsMustBeListedExactly) {
  Ask ask;
  ask.rule = "restart";
  ask.sudo = std::vector<Command>{Cmd({"/usr/bin/id"})};
  const auto id = Asked(ask, {Web("a")});
  ASSERT_TRUE(id);
  EXPECT_EQ(std::get<std::vector<Command>>(id->sudo->commands), std::vector<Command>{Cmd({"/usr/bin/id"})});
  for (const auto& argv : {std::vector<std::string>{"/usr/bin/id", "-u"}, {"/usr/bin/systemctl", "restart"},
                           {"/usr/bin/systemctl", "nginx", "restart"}, {"/usr/bin/systemctl", "restart", "nginx", "x"}, {"/bin/sh"}}) {
    ask.sudo = std::vector<Command>{Cmd({"/usr/bin/id"}), Cmd(argv)};
    EXPECT_FALSE(Asked(ask, {Web("a")})) << argv.back();
  }
  ask.sudo = AllCommands{};
  EXPECT_FALSE(Asked(ask, {Web("a")}));
}

TEST_F(Match, AnyCommandUnderAll) {
  Ask ask;
  ask.rule = "web-root";
  ask.sudo = std::vector<Command>{Cmd({"/bin/sh"})};
  const auto one = Asked(ask, {Web("a")});
  ASSERT_TRUE(one);
  EXPECT_EQ(std::get<std::vector<Command>>(one->sudo->commands).size(), 1U);
}

TEST_F(Match, LoginOnlyAndNothingLeft) {
  Ask ask;
  ask.sudo = NoSudo{};
  const auto login = Asked(ask, {Web("a")});
  ASSERT_TRUE(login);
  EXPECT_FALSE(login->sudo);
  ask.login = false;
  EXPECT_FALSE(Asked(ask, {Web("a")}));
}

TEST_F(Match, AccountOnlyWhereThePolicyGivesIt) {
  Ask ask;
  ask.account = Account("deploy");
  EXPECT_EQ(Asked(ask, {Db("d")})->rule, "deploying");
  ask.account = Account("dev2");
  const auto other = Asked(ask, {Web("a")});
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, Errc::kRefused);
  EXPECT_NE(other.error().what.find("dev2"), std::string::npos);
  ask.account = Account("dev1");
  EXPECT_TRUE(Asked(ask, {Web("a")}));
}

TEST_F(Match, LoginUnderARuleThatGivesNone) {
  Ask ask;
  ask.rule = "deploying";
  ask.login = true;
  EXPECT_FALSE(Asked(ask, {Db("d")}));
}

TEST_F(Match, EveryHostMustBeCovered) {
  const auto mixed = Asked({}, {Web("a"), Db("d")});
  // Only `deploying` covers both.
  ASSERT_TRUE(mixed);
  EXPECT_EQ(mixed->rule, "deploying");
  Ask ask;
  ask.rule = "web-root";
  const auto refused = Asked(ask, {Web("a"), Db("d")});
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().what.find("host d"), std::string::npos);
}

TEST_F(Match, DurationWithinTheLongest) {
  Ask ask;
  ask.rule = "web-root";
  ask.duration = Seconds{4 * 3600};
  EXPECT_EQ(Asked(ask, {Web("a")})->duration, Seconds{4 * 3600});
  ask.duration = Seconds{4 * 3600 + 1};
  const auto refused = Asked(ask, {Web("a")});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::kOutOfRange);
  EXPECT_NE(refused.error().hint.find("4h"), std::string::npos);
}

TEST_F(Match, StrangersAreToldNothing) {
  person = {Named("mallory"), {Named("visitors")}};
  const auto refused = Asked({}, {Web("a")});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().what.find("web-root"), std::string::npos);
  EXPECT_EQ(refused.error().what.find("role=web"), std::string::npos);
}

TEST_F(Match, PeopleByName) {
  person = {Named("carol"), {}};
  EXPECT_EQ(Asked({}, {Web("a")})->rule, "restart");
}

TEST_F(Match, SelfThatIsNoAccount) {
  person = {Named("dev1@example.org"), {Named("developers")}};
  const auto refused = Asked({}, {Web("a")});
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->rule, "deploying");  // a fixed account: the name does not matter
}

TEST_F(Match, RunasOnlyAsAllowed) {
  Ask ask;
  ask.rule = "web-root";
  ask.runas = Account("root");
  EXPECT_TRUE(Asked(ask, {Web("a")}));
  ask.runas = Account("postgres");
  EXPECT_FALSE(Asked(ask, {Web("a")}));
}

TEST_F(Match, EmptyPolicyGivesNothing) {
  policy.rules.clear();
  EXPECT_FALSE(Asked({}, {Web("a")}));
}

TEST_F(Match, ManagedAccountsAreUnited) {
  const auto web = ManagedOn(policy, Web("a"));
  ASSERT_EQ(web.size(), 3U);
  EXPECT_EQ(web[0], (ManagedAccount{Account("deploy"), {false, true}}));
  EXPECT_EQ(web[1], (ManagedAccount{Account("dev1"), {true, true}}));
  EXPECT_EQ(web[2], (ManagedAccount{Account("dev2"), {true, false}}));
  EXPECT_TRUE(ManagedOn(policy, {*HostName::Parse("x"), {}}).empty());
}

}  // namespace
}  // namespace curfew
