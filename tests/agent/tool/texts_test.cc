// SPDX-License-Identifier: Apache-2.0
// Texts that other programs read: status as JSON, our sudoers file under the real visudo, the command line.
#include <gtest/gtest.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <fstream>

#include "agent/host_settings/sudoers_file.h"
#include "agent/tool/command_line.h"
#include "agent/tool/status.h"

namespace curfew::test {
namespace {

HostStatus Sample() {
  HostStatus status;
  status.host_id = std::string(64, 'a');
  status.enrolled = true;
  status.mode = "enforce";
  status.epoch = 1;
  status.version = 7;
  status.highest_time = Instant{Seconds{1795370400}};
  status.grants.push_back({"g-00000000000000000000", "dev1", true, "all", Instant{Seconds{1795374000}}});
  return status;
}

TEST(Status, JsonHasTheNamesOfInterfaces) {
  const auto said = boost::json::parse(StatusJson(Sample(), std::nullopt)).as_object();
  for (const char* key :
       {"host_id", "enrolled", "link", "mode", "bundle", "lease_until", "highest_time", "grants", "spool"}) {
    EXPECT_TRUE(said.contains(key)) << key;
  }
  EXPECT_EQ(said.at("bundle").at("version").to_number<int>(), 7);
  EXPECT_TRUE(said.at("lease_until").is_null());
  EXPECT_EQ(said.at("grants").at(0).at("until").as_string(), "2026-11-22T19:00:00.000Z");
  EXPECT_EQ(said.at("grants").at(0).at("what").at("sudo").as_string(), "all");
}

TEST(Status, CommandsAreListedAsArgv) {
  auto status = Sample();
  status.grants.front().sudo = "/usr/bin/systemctl restart nginx\n/usr/bin/id";
  const auto said = boost::json::parse(StatusJson(status, std::nullopt)).as_object();
  const auto expected = boost::json::parse(R"([["/usr/bin/systemctl","restart","nginx"],["/usr/bin/id"]])");
  EXPECT_EQ(said.at("grants").at(0).at("what").at("sudo"), expected);
}

TEST(Status, WordsOfOthersAreEscaped) {
  auto status = Sample();
  status.alarms = {"\x1b[2J"};
  EXPECT_EQ(StatusTable(status, std::nullopt).find('\x1b'), std::string::npos);
}

TEST(Status, SaysHowPeopleCallThisHost) {
  const AgentFile joined{*HostId::FromHex(std::string(64, 'a')), *HostName::Parse("web1"), "https://c:7443", {"c", 7444}};
  const std::string table = StatusTable(Sample(), joined);
  EXPECT_NE(table.find("web1"), std::string::npos) << table;
  EXPECT_NE(table.find("https://c:7443"), std::string::npos) << table;
  EXPECT_EQ(boost::json::parse(StatusJson(Sample(), joined)).at("name").as_string(), "web1");
  EXPECT_TRUE(boost::json::parse(StatusJson(Sample(), std::nullopt)).at("name").is_null());
}

TEST(SudoersFile, RealVisudoTakesIt) {
  const std::string path = "/tmp/curfew-sudoers-" + std::to_string(::getpid());
  std::ofstream(path) << SudoersText();
  const auto checked = CheckSudoersFile(Paths{}, path);
  EXPECT_TRUE(checked) << checked.error().Text();
  std::ofstream(path) << "not a rule\n";
  EXPECT_FALSE(CheckSudoersFile(Paths{}, path));
  ::unlink(path.c_str());
}

std::variant<int, CommandLine> Parse(std::vector<std::string> words) {
  words.insert(words.begin(), "curfew-agent");
  std::vector<char*> argv;
  for (auto& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  return ParseCommandLine(static_cast<int>(words.size()), argv.data());
}

TEST(CommandLine, VerbsOfInterfaces) {
  const auto join = std::get<CommandLine>(Parse({"join", "--controller", "https://c:7443", "--token-file", "f"}));
  EXPECT_EQ(std::get<JoinOptions>(join.command).controller, "https://c:7443");
  EXPECT_EQ(std::get<JoinOptions>(join.command).link_user, "curfew");
  EXPECT_TRUE(std::get<StatusCommand>(std::get<CommandLine>(Parse({"status", "-o", "json"})).command).json);
  EXPECT_TRUE(std::get<SetupCommand>(std::get<CommandLine>(Parse({"setup", "pam", "--undo"})).command).undo);
  EXPECT_EQ(std::get<SetupCommand>(std::get<CommandLine>(Parse({"setup"})).command).part, "all");
  EXPECT_EQ(std::get<OfferCommand>(std::get<CommandLine>(Parse({"offer", "-"})).command).file, "-");
  EXPECT_TRUE(std::holds_alternative<RevokeAllCommand>(std::get<CommandLine>(Parse({"revoke-all"})).command));
  EXPECT_EQ(std::get<LaterCommand>(std::get<CommandLine>(Parse({"break-glass", "x", "--y"})).command).verb,
            "break-glass");
}

TEST(CommandLine, UsageErrorsAreTwo) {
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{},
        {"nonsense"},
        {"join"},
        {"join", "--controller", "https://c"},
        {"status", "-o", "xml"},
        {"setup", "ftp"},
        {"setup", "--dry-run", "--undo"},
        {"offer"},
        {"offer", "a", "b"},
        {"revoke-all", "now"},
        {"join", "--controller", "c", "--token-file", "f", "--token", "secret"}}) {
    const auto parsed = Parse(words);
    ASSERT_TRUE(std::holds_alternative<int>(parsed)) << (words.empty() ? "nothing" : words.front());
    EXPECT_EQ(std::get<int>(parsed), 2);
  }
  EXPECT_EQ(std::get<int>(Parse({"--help"})), 0);
}

}  // namespace
}  // namespace curfew::test
