// SPDX-License-Identifier: Apache-2.0
// The grammar: what each verb takes, that a command after -- is never read as options, and that errors name their
// place.
#include "cli/arguments.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace curfew {
namespace {

using Words = std::vector<std::string>;

LastWord Stopped(const Words& words) {
  auto parsed = ParseArguments(words);
  const LastWord* said = std::get_if<LastWord>(&parsed);
  return said == nullptr ? LastWord{ExitCode::kFailed, "was understood"} : *said;
}

template <class T>
T Understood(const Words& words) {
  auto parsed = ParseArguments(words);
  if (const LastWord* said = std::get_if<LastWord>(&parsed)) throw std::runtime_error(said->text);
  return std::get<T>(std::get<Invocation>(parsed).verb);
}

TEST(Arguments, RequestTakesAllItsOptions) {
  const auto verb = Understood<RequestVerb>({"request",
                                             "host1,host2",
                                             "--for",
                                             "1h30m",
                                             "--reason",
                                             "disk full",
                                             "--as",
                                             "dev1",
                                             "--policy",
                                             "web-root",
                                             "--ticket",
                                             "OPS-1",
                                             "--key",
                                             "k.pub",
                                             "--wait",
                                             "--timeout",
                                             "10m",
                                             "--",
                                             "/usr/bin/systemctl",
                                             "restart",
                                             "nginx"});
  ASSERT_EQ(verb.hosts.size(), 2U);
  EXPECT_EQ(verb.hosts[1].Text(), "host2");
  EXPECT_EQ(verb.length, Seconds{5400});
  EXPECT_EQ(verb.reason, "disk full");
  EXPECT_EQ(verb.account, *AccountName::Parse("dev1"));
  EXPECT_EQ(verb.policy, "web-root");
  EXPECT_EQ(verb.ticket, "OPS-1");
  EXPECT_EQ(verb.key_file, "k.pub");
  EXPECT_TRUE(verb.wait);
  EXPECT_EQ(verb.timeout, Seconds{600});
  EXPECT_EQ(std::get<Command>(verb.wanted).Argv(), (Words{"/usr/bin/systemctl", "restart", "nginx"}));
}

TEST(Arguments, RequestSaysWhatIsWanted) {
  EXPECT_TRUE(std::holds_alternative<AsPolicySays>(Understood<RequestVerb>({"request", "a", "--reason", "x"}).wanted));
  EXPECT_TRUE(std::holds_alternative<LoginOnly>(
      Understood<RequestVerb>({"request", "a", "--reason", "x", "--login-only"}).wanted));
  EXPECT_TRUE(std::holds_alternative<AllCommands>(
      Understood<RequestVerb>({"request", "a", "--reason", "x", "--sudo-all"}).wanted));
  EXPECT_EQ(Understood<RequestVerb>({"request", "--hosts", "role=web,env=lab", "--reason", "x"}).expression,
            *HostExpression::Parse("role=web env=lab"));
}

TEST(Arguments, AHostMayBeCalledLikeAVerb) {
  EXPECT_EQ(Understood<RequestVerb>({"request", "ls", "--reason", "x"}).hosts[0].Text(), "ls");
  EXPECT_EQ(Understood<ShowVerb>({"show", "hosts"}).id, "hosts");
}

TEST(Arguments, FormAndTimesBeforeOrAfterTheVerb) {
  for (const Words& words : {Words{"-o", "json", "--utc", "ls"}, Words{"ls", "-o", "json", "--utc"}}) {
    auto parsed = ParseArguments(words);
    const auto& style = std::get<Invocation>(parsed).style;
    EXPECT_EQ(style.form, Form::kJson);
    EXPECT_TRUE(style.utc);
  }
}

TEST(Arguments, EveryVerbIsUnderstood) {
  EXPECT_EQ(
      Understood<LoginVerb>({"login", "https://c:1", "--ca", "f", "--user", "u", "--password-file", "-"}).password_file,
      "-");
  EXPECT_EQ(Understood<KeyAddVerb>({"key", "add", "-"}).file, "-");
  Understood<KeyListVerb>({"key", "ls"});
  EXPECT_EQ(Understood<KeyRemoveVerb>({"key", "rm", "k"}).id, "k");
  EXPECT_FALSE(Understood<KeyRemoveVerb>({"key", "rm", "k"}).end_grants);
  EXPECT_TRUE(Understood<KeyRemoveVerb>({"key", "rm", "k", "--end-grants"}).end_grants);
  EXPECT_TRUE(Understood<DecideVerb>({"approve", "r", "--for", "5m"}).yes);
  EXPECT_EQ(Understood<DecideVerb>({"approve", "r", "--for", "5m"}).length, Seconds{300});
  EXPECT_FALSE(Understood<DecideVerb>({"deny", "r", "--reason", "no"}).yes);
  EXPECT_EQ(Understood<EndVerb>({"withdraw", "r"}).ending, Ending::kWithdraw);
  EXPECT_EQ(Understood<EndVerb>({"return", "r"}).ending, Ending::kReturn);
  EXPECT_EQ(Understood<EndVerb>({"revoke", "r", "--reason", "why"}).ending, Ending::kRevoke);
  EXPECT_EQ(Understood<ExtendVerb>({"extend", "r", "--for", "1h"}).length, Seconds{3600});
  EXPECT_EQ(Understood<ListVerb>({"ls"}).filter, Filter::kAll);
  EXPECT_EQ(Understood<ListVerb>({"ls", "--mine"}).filter, Filter::kMine);
  EXPECT_EQ(Understood<ListVerb>({"ls", "--to-review"}).filter, Filter::kToReview);
  EXPECT_EQ(Understood<ListVerb>({"ls", "--live"}).filter, Filter::kLive);
  EXPECT_EQ(Understood<ListVerb>({"ls", "--unconfirmed"}).filter, Filter::kUnconfirmed);
  EXPECT_EQ(Understood<ListVerb>({"ls", "--alarms"}).filter, Filter::kAlarms);
  Understood<HostsVerb>({"hosts"});
  Understood<AuditListVerb>({"audit", "ls"});
  Understood<AuditVerifyVerb>({"audit", "verify"});
  EXPECT_EQ(Understood<PolicyCheckVerb>({"policy", "check", "p.yaml"}).file, "p.yaml");
}

TEST(Arguments, SshTakesTheAccountOnce) {
  EXPECT_EQ(Understood<SshVerb>({"ssh", "dev1@host1"}).account, "dev1");
  EXPECT_EQ(Understood<SshVerb>({"ssh", "dev1@host1"}).host, "host1");
  EXPECT_EQ(Understood<SshVerb>({"ssh", "host1", "--as", "dev2"}).account, "dev2");
  EXPECT_EQ(Stopped({"ssh", "dev1@host1", "--as", "dev2"}).exit, ExitCode::kUsage);
}

TEST(Arguments, SshNeverGivesSshAnOption) {
  EXPECT_EQ(Stopped({"ssh", "dev1@-oProxyCommand=id"}).exit, ExitCode::kUsage);
  EXPECT_EQ(Stopped({"ssh", "host1", "--as=-oProxyCommand=id"}).exit, ExitCode::kUsage);
}

RC_GTEST_PROP(Arguments, WhatStandsAfterTheDashesIsNeverAnOption, (const Words& command)) {
  RC_PRE(!command.empty());
  Words words{"ssh", "host1", "--"};
  words.insert(words.end(), command.begin(), command.end());
  RC_ASSERT(Understood<SshVerb>(words).argv == command);
}

struct Wrong {
  Words words;
  const char* says;
};

class WrongUse : public testing::TestWithParam<Wrong> {};

TEST_P(WrongUse, IsAUsageErrorThatNamesItsPlace) {
  const LastWord said = Stopped(GetParam().words);
  EXPECT_EQ(said.exit, ExitCode::kUsage);
  EXPECT_NE(said.text.find(GetParam().says), std::string::npos) << said.text;
  EXPECT_NE(said.text.find("--help`"), std::string::npos) << said.text;
}

const Wrong kWrong[] = {
    {{}, "say what to do"},
    {{"nope"}, "no verb 'nope'"},
    {{"key"}, "say what to do"},
    {{"key", "eat"}, "no verb 'eat'"},
    {{"request", "host1"}, "--reason"},
    {{"request", "--reason", "x"}, "HOST and --hosts"},
    {{"request", "a", "--hosts", "role=web", "--reason", "x"}, "HOST and --hosts"},
    {{"request", "a,,b", "--reason", "x"}, "host name"},
    {{"request", "A", "--reason", "x"}, "\"A\""},
    {{"request", "a", "--reason", "x", "--for", "soon"}, "--for 'soon'"},
    {{"request", "a", "--reason", "x", "--as", "a,b"}, "a,b"},
    {{"request", "a", "--reason", "x", "--as", "ALL"}, "ALL"},
    {{"request", "a", "--reason", "x", "--as", "%sudo"}, "%sudo"},
    {{"request", "a", "--reason", "x", "--as", "#0"}, "#0"},
    {{"request", "a", "--reason", "x\ny"}, "--reason"},
    {{"request", "a", "--reason", std::string(1025, 'x')}, "longer than 1024"},
    {{"request", "a", "--reason", "x", "--ticket", std::string(129, 'x')}, "longer than 128"},
    {{"approve", "r", "--reason", std::string(1025, 'x')}, "longer than 1024"},
    {{"deny", "r", "--reason", "x\ny"}, "--reason"},
    {{"revoke", "r", "--reason", std::string(1025, 'x')}, "longer than 1024"},
    {{"request", "a", "--reason", "x", "--sudo-all", "--login-only"}, "exclude"},
    {{"request", "a", "--reason", "x", "--sudo-all", "--", "/bin/id"}, "exclude"},
    {{"request", "a", "--reason", "x", "--", "id"}, "absolute"},
    {{"request", "a", "--reason", "x", "--", "/bin/ls", "*"}, "command"},
    {{"request", "a", "--reason", "x", "--"}, "nothing after --"},
    {{"request", "a", "--reason", "x", "--timeout", "1m"}, "--wait"},
    {{"request", "a", "b", "--reason", "x"}, "b"},
    {{"ls", "--mine", "--live"}, "--mine"},
    {{"ls", "--", "x"}, "no command"},
    {{"ls", "-o", "yaml"}, "yaml"},
    {{"approve"}, "ID"},
    {{"deny", "r", "--for", "1h"}, "--for"},
    {{"revoke", "r"}, "--reason"},
    {{"extend", "r"}, "--for"},
    {{"policy", "check"}, "FILE"},
    {{"login", "--password-file", "f"}, "--user"},
};
INSTANTIATE_TEST_SUITE_P(Arguments, WrongUse, testing::ValuesIn(kWrong));

TEST(Arguments, HelpAndVersionAreNoErrors) {
  EXPECT_EQ(Stopped({"--help"}).exit, ExitCode::kDone);
  EXPECT_EQ(Stopped({"request", "--help"}).exit, ExitCode::kDone);
  EXPECT_NE(Stopped({"request", "--help"}).text.find("--login-only"), std::string::npos);
  EXPECT_EQ(Stopped({"--version"}).text, "curfew " CURFEW_VERSION "\n");
}

}  // namespace
}  // namespace curfew
