// SPDX-License-Identifier: Apache-2.0
// The host's own sudo is the judge: it takes every text of ours, reads it as we meant it, and refuses all else (D7).
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <unistd.h>

#include <boost/json.hpp>

#include "core/sudoers.h"
#include "tests/core/law.h"
#include "tests/host/real_program.h"

namespace curfew::test {
namespace {

namespace json = boost::json;
using std::filesystem::perms;

constexpr SudoTraits kWithDates{true};
constexpr Uid kNobody = 65534;  // an account of every Debian host, which sudo -l -U needs

/// One rule line as cvtsudoers read it: user, host, runas, options and command in one text.
std::vector<std::string> ReadBySudo(const std::string& file) {
  const Outcome outcome = RunProgram({"cvtsudoers", "-f", "json", file});
  EXPECT_EQ(outcome.status, 0) << outcome.output;
  std::vector<std::string> specs;
  const json::value read = json::parse(outcome.output);
  const json::value* list = read.as_object().if_contains("User_Specs");
  if (list == nullptr) return specs;
  for (const json::value& spec : list->as_array()) specs.push_back(json::serialize(spec));
  return specs;
}

std::string CommandText(const Command& command) {
  std::string text;
  for (const std::string& word : command.Argv()) text += (text.empty() ? "" : " ") + word;
  return command.Argv().size() == 1 ? text + " \"\"" : text;
}

/// What cvtsudoers must say of one line: exactly one user, one host, one runas, one command.
std::string Spec(const Rule& rule, const std::string& command, const std::string& not_after) {
  json::array options{json::object{{"notafter", not_after}}, json::object{{"authenticate", rule.right.authenticate}}};
  // ALL implies SETENV (sudoers(5), "SETENV and NOSETENV").
  if (command == "ALL") options.push_back(json::object{{"setenv", true}});
  const json::object commands{{"runasusers", {json::object{{"username", rule.right.runas.Text()}}}},
                              {"Options", options},
                              {"Commands", {json::object{{"command", command}}}}};
  return json::serialize(json::object{{"User_List", {json::object{{"userid", rule.uid}}}},
                                      {"Host_List", {json::object{{"hostname", "ALL"}}}},
                                      {"Cmnd_Specs", {commands}}});
}

std::vector<std::string> Expected(const std::vector<Rule>& rules) {
  std::vector<std::string> specs;
  for (const Rule& rule : rules) {
    const std::string date = CompactUtc(rule.until - Seconds{1});
    const auto* commands = std::get_if<std::vector<Command>>(&rule.right.commands);
    if (commands == nullptr) specs.push_back(Spec(rule, "ALL", date));
    if (commands == nullptr) continue;
    for (const Command& command : *commands) specs.push_back(Spec(rule, CommandText(command), date));
  }
  return specs;
}

TEST(RealSudo, TakesEveryTextAndReadsItAsMeant) {
  const ScratchFolder folder;
  Dice dice = Dice::Seeded(SweepSeed());
  for (std::size_t files = Sweep(20, 500); files > 0; --files) {
    std::vector<Rule> rules;
    for (std::size_t number = dice.Roll(60) + 1; number > 0; --number) rules.push_back(RandomRule(dice, number));
    const std::string file = folder.Write("grants", RenderRules(rules, kWithDates), perms(0440));
    const Outcome checked = RunProgram({"visudo", "-cf", file});
    ASSERT_EQ(checked.status, 0) << checked.output;
    ASSERT_EQ(checked.output, file + ": parsed OK\n") << "a warning is a text that sudo doubts";
    ASSERT_EQ(ReadBySudo(file), Expected(rules));
  }
}

TEST(RealSudo, TakesTheTextOfNoRule) {
  const ScratchFolder folder;
  const std::string file = folder.Write("grants", RenderRules({}, kWithDates), perms(0440));
  EXPECT_EQ(RunProgram({"visudo", "-cf", file}).output, file + ": parsed OK\n");
}

TEST(RealSudo, EachByteOfAnArgumentIsReadAsItselfOrWasRefused) {
  const ScratchFolder folder;
  std::vector<Rule> rules;
  for (int byte = 0; byte < 256; ++byte) {
    for (const std::string& word :
         {std::string(1, static_cast<char>(byte)), "a" + std::string(1, static_cast<char>(byte)) + "b"}) {
      const auto command = Command::Parse({"/usr/bin/id", word, "end"});
      if (command) rules.push_back(Rule{Id(rules.size()), 1001, SudoFor({*command}), Hour(4)});
    }
  }
  ASSERT_EQ(rules.size(), 2 * (26 + 26 + 10 + 7));
  const std::string file = folder.Write("grants", RenderRules(rules, kWithDates), perms(0440));
  EXPECT_EQ(ReadBySudo(file), Expected(rules));
}

TEST(RealSudo, ATextWithoutOneBlockIsStillATextOfSudo) {
  const ScratchFolder folder;
  std::vector<Rule> rules;
  Dice dice = Dice::Seeded(SweepSeed());
  for (std::size_t number = 0; number < 8; ++number) rules.push_back(RandomRule(dice, number));
  const std::string whole = RenderRules(rules, kWithDates);
  for (std::size_t gone = 0; gone < rules.size(); ++gone) {
    const std::size_t start = whole.find("# curfew " + Id(gone).Text());
    const std::string text =
        whole.substr(0, start) + whole.substr(std::min(whole.size(), whole.find("# curfew ", start + 1)));
    std::vector<Rule> left = rules;
    left.erase(left.begin() + static_cast<std::ptrdiff_t>(gone));
    const std::string file = folder.Write("grants", text, perms(0440));
    EXPECT_EQ(RunProgram({"visudo", "-cf", file}).status, 0);
    EXPECT_EQ(ReadBySudo(file), Expected(left)) << "as the reaper leaves it";
    EXPECT_EQ(ParseRules(text, kWithDates).value(), left);
  }
}

/// Asks the set-uid sudo itself, with our text as the host's only sudoers file, in a mount namespace of its own.
class SudoList : public ::testing::Test {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "needs root: sudo reads /etc/sudoers only, which a mount namespace replaces";
  }
  void Use(const std::vector<Rule>& rules) {
    file_ = folder_.Write("sudoers", RenderRules(rules, kWithDates), perms(0440));
  }
  [[nodiscard]] Outcome List(const std::vector<std::string>& argv, const std::string& user = "nobody") const {
    std::vector<std::string> words{
        "unshare", "-m", "sh", "-c", "mount --bind \"$1\" /etc/sudoers && shift && exec \"$@\"", "sh", file_};
    for (const char* word : {"sudo", "-n", "-l", "-U"}) words.emplace_back(word);
    words.push_back(user);
    if (!argv.empty()) words.emplace_back("--");
    words.insert(words.end(), argv.begin(), argv.end());
    return RunProgram(words);
  }
  [[nodiscard]] bool Allows(const std::vector<std::string>& argv, const std::string& user = "nobody") const {
    const Outcome outcome = List(argv, user);
    EXPECT_EQ(outcome.output.find("syntax error"), std::string::npos) << outcome.output;
    EXPECT_EQ(outcome.output.find("mount"), std::string::npos) << outcome.output;
    return outcome.status == 0;
  }

 private:
  ScratchFolder folder_;
  std::string file_;
};

Rule ForNobody(std::vector<Command> commands, Instant until = FromUnixSeconds(4102444800)) {
  return Rule{Id(1), kNobody, SudoFor(std::move(commands)), until};
}

TEST_F(SudoList, D7ACommandIsItsExactArguments) {
  Use({ForNobody({Cmd({"/usr/bin/cat", "/var/log/dpkg.log"}), Cmd({"/usr/bin/ls", "-l", "/root"})})});
  EXPECT_TRUE(Allows({"/usr/bin/cat", "/var/log/dpkg.log"}));
  EXPECT_TRUE(Allows({"/usr/bin/ls", "-l", "/root"}));
  for (const std::vector<std::string>& argv :
       std::vector<std::vector<std::string>>{{"/usr/bin/cat"},
                                             {"/usr/bin/cat", "/var/log/../../etc/shadow"},
                                             {"/usr/bin/cat", "/var/log/dpkg.log", "/etc/shadow"},
                                             {"/usr/bin/cat", "/etc/shadow", "/var/log/dpkg.log"},
                                             {"/usr/bin/cat", "/var/log/dpkg.log "},
                                             {"/usr/bin/cat", "/var/log/dpkg.lo"},
                                             {"/usr/bin/ls", "/root", "-l"},
                                             {"/usr/bin/ls", "-l", "/root", ""},
                                             {"/usr/bin/ls", "-l"},
                                             {"/usr/bin/tac", "/var/log/dpkg.log"}}) {
    EXPECT_FALSE(Allows(argv)) << argv[0] << " with " << argv.size() - 1 << " arguments, last " << argv.back();
  }
}

TEST_F(SudoList, NoArgumentsMeansNone) {
  Use({ForNobody({Cmd({"/usr/bin/id"})})});
  EXPECT_TRUE(Allows({"/usr/bin/id"}));
  EXPECT_FALSE(Allows({"/usr/bin/id", "-u"}));
}

TEST_F(SudoList, OnlyTheUserOfTheRule) {
  Use({ForNobody({Cmd({"/usr/bin/id"})})});
  EXPECT_FALSE(Allows({"/usr/bin/id"}, "daemon"));
}

TEST_F(SudoList, AnEndedRuleRefusesByItselfAndHidesNoOther) {
  Rule other = ForNobody({Cmd({"/usr/bin/id"})});
  other.grant = Id(2);
  const Rule over = ForNobody({Cmd({"/usr/bin/id"})}, FromUnixSeconds(1700000000));
  Use({over});
  EXPECT_FALSE(Allows({"/usr/bin/id"}));
  for (const auto& rules : {std::vector<Rule>{over, other}, std::vector<Rule>{other, over}}) {
    Use(rules);
    EXPECT_TRUE(Allows({"/usr/bin/id"})) << "whichever stands last (D10)";
  }
}

TEST_F(SudoList, TheGrantedAccountKeepsNoTicket) {
  Use({ForNobody({Cmd({"/usr/bin/id"})})});
  const Outcome outcome = List({});
  EXPECT_NE(outcome.output.find("timestamp_timeout=0"), std::string::npos) << outcome.output;
  EXPECT_NE(outcome.output.find("NOTAFTER=20991231235959Z"), std::string::npos) << outcome.output;
  EXPECT_EQ(List({}, "daemon").output.find("timestamp_timeout=0"), std::string::npos);
}

}  // namespace
}  // namespace curfew::test
