// SPDX-License-Identifier: Apache-2.0
// Rules as text: the exact form, its strictness when read back, and what never appears in it (D2, D3, D4, D5, D9).
#include "core/sudoers.h"

#include <gtest/gtest.h>

#include <cctype>

#include "core/host_files.h"
#include "tests/core/law.h"

namespace curfew::test {
namespace {

constexpr SudoTraits kWithDates{true};
constexpr SudoTraits kWithoutDates{false};

const std::string kHead =
    "# Written by curfew from signed grants: an edit here is undone, and every rule ends at its time.\n";

std::vector<Rule> TwoRules() {
  SudoRight asking = SudoAll();
  asking.authenticate = true;
  return {Rule{Id(1), 1001, SudoFor({Cmd({"/usr/bin/id"}), Cmd({"/usr/bin/systemctl", "restart", "nginx"})}), Hour(4)},
          Rule{Id(2), 1002, asking, Hour(5)}};
}

std::vector<Rule> RandomRules(Dice& dice, std::size_t most) {
  const Bundle bundle = RandomBundle(dice, most);
  HostFacts facts;
  for (std::size_t i = 0; i < Accounts().size(); ++i) facts.users.emplace(Accounts()[i], static_cast<Uid>(1001 + i));
  return DesiredState(bundle, facts, Now{Hour(4), BootInstant{}}).access.rules;
}

/// What is wrong with a rendered text by the promises of D2 and D5; looks at bytes only, knows nothing of the renderer.
std::string Fault(const std::string& text) {
  if (text.find("NOTBEFORE") != std::string::npos) return "NOTBEFORE";
  if (text.find_first_of("*?[]!\\^$'`;&|<>{}~\t\r") != std::string::npos) return "a wildcard, negation or escape";
  std::size_t start = 0;
  while (start < text.size()) {
    const std::size_t end = text.find('\n', start);
    if (end == std::string::npos) return "no newline at the end";
    const std::string line = text.substr(start, end - start);
    start = end + 1;
    if (line.starts_with("# ") || line.starts_with("Defaults:#")) continue;
    const std::string date = " NOTAFTER=";
    const std::size_t at = line.find(date);
    if (at == std::string::npos) return "no NOTAFTER: " + line;
    const std::string value = line.substr(at + date.size(), 16);
    const bool digits =
        std::all_of(value.begin(), value.begin() + 14, [](unsigned char c) { return std::isdigit(c) != 0; });
    if (!digits || value.substr(14) != "Z ") return "a date without Z: " + line;
    if (line.find(" NOTAFTER=", at + 1) != std::string::npos) return "two dates: " + line;
    if (!line.starts_with("#1")) return "another user than #uid: " + line;
    if (line.find(',') != std::string::npos || line.find(": ", line.find("PASSWD: ") + 8) != std::string::npos) {
      return "more than one command on a line: " + line;
    }
  }
  return {};
}

TEST(Sudoers, TheTextIsExactlyThis) {
  EXPECT_EQ(RenderRules(TwoRules(), kWithDates),
            kHead +
                "# curfew g-00000000000000000001 until 2026-11-22T04:00:00Z\n"
                "Defaults:#1001 timestamp_timeout=0\n"
                "#1001 ALL=(root) NOTAFTER=20261122035959Z NOPASSWD: /usr/bin/id \"\"\n"
                "#1001 ALL=(root) NOTAFTER=20261122035959Z NOPASSWD: /usr/bin/systemctl restart nginx\n"
                "# curfew g-00000000000000000002 until 2026-11-22T05:00:00Z\n"
                "Defaults:#1002 timestamp_timeout=0\n"
                "#1002 ALL=(root) NOTAFTER=20261122045959Z PASSWD: ALL\n");
}

TEST(Sudoers, WithoutDatesTheHeaderStillSaysUntilWhen) {
  EXPECT_EQ(RenderRules({TwoRules()[1]}, kWithoutDates),
            kHead +
                "# curfew g-00000000000000000002 until 2026-11-22T05:00:00Z\n"
                "Defaults:#1002 timestamp_timeout=0\n"
                "#1002 ALL=(root) PASSWD: ALL\n");
}

TEST(Sudoers, NoRuleIsAHeadOnly) { EXPECT_EQ(RenderRules({}, kWithDates), kHead); }

TEST(SudoersLaw, ReadingWhatWasWrittenGivesTheSameRules) {
  Law("parse(render(rules)) is rules", [](Dice& dice) {
    const std::vector<Rule> rules = RandomRules(dice, 6);
    const SudoTraits traits{dice.OneIn(2)};
    const auto read = ParseRules(RenderRules(rules, traits), traits);
    RC_ASSERT(read.has_value());
    RC_ASSERT(*read == rules);
  });
}

std::string Mutated(Dice& dice, std::string text) {
  static const std::string kBytes = "0129#gZz!*\\,:=\" \t\n\r()/ALLNOTAFTER\xff";
  const std::size_t at = dice.Roll(text.size());
  switch (dice.Roll(5)) {
    case 0:
      text[at] = kBytes[dice.Roll(kBytes.size())];
      break;
    case 1:
      text.insert(at, 1, kBytes[dice.Roll(kBytes.size())]);
      break;
    case 2:
      text.erase(at, 1 + dice.Roll(20));
      break;
    case 3:
      text += text.substr(at);
      break;
    default:
      text.insert(at, text.substr(dice.Roll(text.size()), 1 + dice.Roll(80)));
      break;
  }
  return text;
}

TEST(SudoersLaw, WhatIsReadIsExactlyWhatWouldBeWritten) {
  Law("a changed text is refused, or is byte for byte the text of what was read", [](Dice& dice) {
    const std::string text = Mutated(dice, RenderRules(RandomRules(dice, 4), kWithDates));
    const auto read = ParseRules(text, kWithDates);
    if (!read) RC_ASSERT(read.error().code == Errc::kMalformed);
    if (read) RC_ASSERT(RenderRules(*read, kWithDates) == text);
    if (read) RC_ASSERT(Fault(text) == "");
  });
}

TEST(Sudoers, AnEditThatWidensIsRefusedWithItsLine) {
  const std::string text = RenderRules(TwoRules(), kWithDates);
  const auto edited = [&](const std::string& from, const std::string& to) {
    std::string changed = text;
    changed.replace(changed.find(from), from.size(), to);
    return changed;
  };
  const std::vector<std::pair<std::string, int>> cases = {
      {edited("20261122035959Z", "20361122035959Z"), 4},
      {edited("20261122035959Z", "20261122035959"), 4},
      {edited("NOTAFTER=20261122035959Z ", ""), 4},
      {edited("NOTAFTER=", "NOTBEFORE=20200101000000Z NOTAFTER="), 4},
      {edited("2026-11-22T04", "2036-11-22T04"), 4},
      {edited("/usr/bin/id \"\"", "/usr/bin/id"), 4},
      {edited("/usr/bin/id \"\"", "/usr/bin/*"), 4},
      {edited("/usr/bin/id \"\"", "/usr/bin/"), 4},
      {edited("/usr/bin/id \"\"", "ALL, !/usr/bin/su"), 4},
      {edited("/usr/bin/id \"\"", "ALL"), 5},
      {edited("restart nginx", "restart nginx, ALL"), 5},
      {edited("restart nginx", "restart ^.*$"), 5},
      {edited("#1001 ALL=", "#1003 ALL="), 4},
      {edited("#1001 ALL=", "#1001,#1003 ALL="), 4},
      {edited("#1001 ALL=", "ALL ALL="), 4},
      {edited("(root)", "(ALL)"), 4},
      {edited("(root)", "(root:root)"), 4},
      {edited("(root) NOTAFTER=20261122035959Z NOPASSWD: /usr/bin/s",
              "(sys) NOTAFTER=20261122035959Z NOPASSWD: /usr/bin/s"),
       5},
      {edited("Defaults:#1001 timestamp_timeout=0", "Defaults:#1001 !authenticate"), 3},
      {edited("Defaults:#1001 timestamp_timeout=0\n", ""), 3},
      {text + "#1001 ALL=(root) NOPASSWD: ALL\n", 9},
      {text + "@include /tmp/x\n", 9},
      {text + "\n", 9},
      {"\n" + text, 1},
      {text.substr(0, text.size() - 1), 8},
  };
  for (const auto& [changed, line] : cases) {
    const auto read = ParseRules(changed, kWithDates);
    ASSERT_FALSE(read.has_value()) << changed;
    EXPECT_EQ(read.error().where, "sudoers.d/grants:" + std::to_string(line)) << changed;
  }
}

TEST(Sudoers, ATextWithDatesIsNotOursWhereSudoReadsNone) {
  EXPECT_FALSE(ParseRules(RenderRules(TwoRules(), kWithDates), kWithoutDates).has_value());
  EXPECT_FALSE(ParseRules(RenderRules(TwoRules(), kWithoutDates), kWithDates).has_value());
}

// D2: no line ever lacks its date in UTC; no NOTBEFORE, wildcard or negation.
TEST(SudoersSweep, D2NoRenderedRuleLacksItsDate) {
  Dice dice = Dice::Seeded(SweepSeed());
  for (std::size_t number = Sweep(20000, 1000000); number > 0; --number) {
    ASSERT_EQ(Fault(RenderRules({RandomRule(dice, number)}, kWithDates)), "");
  }
}

// D4, D5, D9: what is not a plain word never becomes a command, and so never a text.
TEST(Sudoers, D4D5D9HostileWordsAreNoCommands) {
  for (const char* word :
       {"a\nb", "a\\", "a,b", "#1002", "a:b",  "a=b",      "a b",   "*",    "a?",  "[a-z]",  "!x", "^a$",
        "\"",   "'",   "",    "a\tb",  "\x01", "\xc3\xa9", "$HOME", "`id`", "a;b", "(root)", "~",  "{a,b}"}) {
    EXPECT_FALSE(Command::Parse({"/usr/bin/id", word}).has_value()) << word;
  }
  EXPECT_FALSE(Command::Parse({"/usr/bin/id", std::string("a\0b", 3)}).has_value());
  for (const char* path : {"id", "/usr/bin/", "/", "/usr/bin/*", "!/bin/su", "ALL", "sudoedit", "sha224:AAAA /bin/ls",
                           "^/bin/.*$", "/usr/bin/../bin/id", "/usr//bin/id", "/usr/./bin/id"}) {
    EXPECT_FALSE(Command::Parse({path}).has_value()) << path;
  }
}

// D4: what a person wrote never reaches the text.
TEST(SudoersLaw, D4WhatAPersonWroteNeverReachesTheText) {
  Law("reason, ticket, principal and approver change no byte", [](Dice& dice) {
    Bundle bundle = RandomBundle(dice, 5);
    const HostFacts facts = RandomFacts(dice, bundle);
    const Now now = RandomNow(dice);
    const std::string before = RenderRules(DesiredState(bundle, facts, now).access.rules, kWithDates);
    for (Grant& grant : bundle.grants) {
      grant.reason = "x\nALL ALL=(ALL) NOPASSWD: ALL\n";
      grant.ticket = "\\\n#0 ALL=(ALL) ALL";
      grant.principal = Person("NOPASSWD.ALL");
      grant.approvals = {Approval{Person("root@ALL"), "\n%wheel ALL=ALL\n"}};
    }
    RC_ASSERT(RenderRules(DesiredState(bundle, facts, now).access.rules, kWithDates) == before);
  });
}

// D3: a grant id has one form; the account's key file is its name, so it must be a name that sshd reads as it stands.
TEST(SudoersSweep, D3NamesAreSafeAsFilesAndDistinct) {
  Dice dice = Dice::Seeded(SweepSeed());
  static const std::string kBytes = "abzABZ019_.-~/\\%$ #!,:=\n@";
  for (std::size_t left = Sweep(50000, 1000000); left > 0; --left) {
    std::string text;
    for (std::size_t size = dice.Roll(9); size > 0; --size) text += kBytes[dice.Roll(kBytes.size())];
    if (const auto account = AccountName::Parse(text)) {
      ASSERT_EQ(account->Text(), text);
      ASSERT_EQ(text.find_first_of("~/\\%$ #!,:=\n@"), std::string::npos) << text;
      ASSERT_TRUE(text.front() != '.' && text.front() != '-' && text.back() != '.' && text != "ALL") << text;
    }
    const std::string id = "g-" + text + std::string(20 - std::min<std::size_t>(20, text.size()), '0');
    const bool plain =
        std::all_of(text.begin(), text.end(), [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); });
    ASSERT_EQ(GrantId::Parse(id).has_value(), plain) << id;
  }
}

TEST(Sudoers, WhyNotExactSaysWhatToChange) {
  SudoRight alias = SudoAll();
  alias.runas = Account("DBA");
  EXPECT_EQ(WhyNotExact(alias)->where, "runas");
  EXPECT_EQ(WhyNotExact(SudoFor({}))->where, "sudo");
  EXPECT_EQ(WhyNotExact(SudoFor({Cmd({"/usr/bin/sudoedit"})}))->where, "command");
  EXPECT_FALSE(WhyNotExact(SudoFor({Cmd({"/usr/bin/sudoedit.d/x"})})).has_value());
  EXPECT_FALSE(WhyNotExact(SudoAll()).has_value());
}

}  // namespace
}  // namespace curfew::test
