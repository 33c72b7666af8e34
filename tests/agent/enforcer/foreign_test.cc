// SPDX-License-Identifier: Apache-2.0
// ATTACKS D12 and E2: what somebody put in the place of our files is found, told, taken away and never followed; what is
// ours stands again.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <tuple>

#include "os/machine.h"
#include "tests/agent/enforcer/host.h"

namespace curfew::test {
namespace {

struct Plant {
  const char* name;
  const char* command;  ///< run in the host's root
  const char* place;    ///< what the event must name
};

// Each puts its plant there in one step (316 is renameat2, 2 is RENAME_EXCHANGE): between two, the enforcer would repair.
const Plant kPlants[] = {
    {"LinkForRules", "ln -s $PWD/victim plant; mv -T plant run/curfew/sudoers.d/grants", "sudoers.d/grants"},
    {"LinkForKeys", "ln -s $PWD/victim plant; mv -T plant run/curfew/keys/games", "keys/games"},
    {"FifoForRules", "mkfifo plant; mv -T plant run/curfew/sudoers.d/grants", "sudoers.d/grants"},
    {"FifoForKeys", "mkfifo plant; mv -T plant run/curfew/keys/games", "keys/games"},
    {"FolderForKeys", "mkdir -p plant/full; perl -e '$x = q(plant); $y = q(run/curfew/keys/games); syscall(316, -100, $x, -100, $y, 2)'",
     "keys/games"},
    {"HardLinkToRules", "ln run/curfew/sudoers.d/grants run/curfew/second", "sudoers.d/grants"},
    {"KeysOfSomebody", "chown games run/curfew/keys/games", "keys/games"},
    {"KeysUnreadable", "chmod 600 run/curfew/keys/games", "keys/games"},
    {"KeysGroupWritable", "chmod 664 run/curfew/keys/games", "keys/games"},
    {"RulesWritable", "chmod 666 run/curfew/sudoers.d/grants", "sudoers.d/grants"},
    {"AnotherRule", "echo 'games ALL=(ALL) NOPASSWD: ALL' >> run/curfew/sudoers.d/grants", "sudoers.d/grants"},
    {"LaterEnd", "f=run/curfew/sudoers.d/grants; sed 's/NOTAFTER=20/NOTAFTER=30/' $f > plant; chmod 440 plant; mv -T plant $f", "sudoers.d/grants"},
    {"AnotherFile", "echo 'games ALL=(ALL) NOPASSWD: ALL' > run/curfew/sudoers.d/more", "sudoers.d/more"},
    {"LinkForFile", "ln -s $PWD/victim run/curfew/keys/root", "keys/root"},
    {"FolderWritable", "chmod 777 run/curfew/sudoers.d", "sudoers.d"},
    {"KeysFolderWritable", "chmod 777 run/curfew/keys", "keys"},
    {"BannerFolderWritable", "chmod 777 run/curfew/banner", "banner"},
    {"RunWritable", "chmod 777 run/curfew", "run/curfew"},
    {"FolderSwappedForLink", "mv run/curfew/keys run/curfew/old; ln -s $PWD/elsewhere run/curfew/keys", "keys"},
    {"FolderOfSomebody", "chown games run/curfew/keys", "keys"},
    {"RulesRemoved", "rm run/curfew/sudoers.d/grants", "sudoers.d/grants"},
    {"KeysRemoved", "rm run/curfew/keys/games", "curfew/keys"},
    {"ManagedTruncated", "> var/lib/curfew/managed", "curfew/managed"},
    {"ManagedEmptied", "echo '# nobody' > var/lib/curfew/managed", "curfew/managed"},
};

class Foreign : public ::testing::TestWithParam<Plant> {};

TEST_P(Foreign, IsFoundToldAndPutRight) {
  Host host;
  host.Start();
  const Instant now = ReadNow().utc;
  host.controller.Draft().managed = {ManagedAccount{Account("games"), Gate{true, true}}};
  host.controller.Draft().grants = {GrantOn(1, "games", now, now + Seconds{600})};
  host.Give();
  host.Await(EventKind::kGrantActive, Id(1).Text());
  const auto rules = host.Read("/run/curfew/sudoers.d/grants");
  const auto keys = host.Read("/run/curfew/keys/games");
  host.Run("cd " + host.Path("") + " && echo untouched > victim && mkdir elsewhere && " + GetParam().command);

  const Event& drift = host.Await(EventKind::kDrift);
  EXPECT_EQ(drift.severity, Severity::kAlarm);
  EXPECT_NE(drift.detail.find(GetParam().place), std::string::npos) << drift.detail;
  host.Await(EventKind::kRepaired);
  EXPECT_EQ(host.Read("/run/curfew/sudoers.d/grants"), rules);
  EXPECT_EQ(host.Read("/run/curfew/keys/games"), keys);
  EXPECT_EQ(host.Read("/var/lib/curfew/managed"), "games 5 both\n");
  EXPECT_EQ(host.Read("/run/curfew/sudoers.d/more"), std::nullopt);
  EXPECT_EQ(host.Read("/victim"), "untouched\n");
  struct stat facts {};
  ASSERT_EQ(::lstat(host.Path("/run/curfew/keys/games").c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode, static_cast<mode_t>(S_IFREG | 0644));
  EXPECT_EQ(facts.st_uid, 0U);
  ASSERT_EQ(::lstat(host.Path("/run/curfew/keys").c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode, static_cast<mode_t>(S_IFDIR | 0755));
  EXPECT_NE(::lstat(host.Path("/run/curfew/keys/root").c_str(), &facts), 0);
  EXPECT_NE(::lstat(host.Path("/elsewhere/games").c_str(), &facts), 0);
}

INSTANTIATE_TEST_SUITE_P(D12, Foreign, ::testing::ValuesIn(kPlants),
                         [](const ::testing::TestParamInfo<Plant>& plant) { return std::string(plant.param.name); });

// What may stand at a name that is ours, put there in one step; `victim` is what a follower would spoil.
struct Kind {
  const char* name;
  const char* command;  ///< makes `plant`
};
const Kind kKinds[] = {{"Link", "ln -s $PWD/victim plant"},
                       {"HardLink", "ln victim plant"},
                       {"Fifo", "mkfifo plant"},
                       {"SomebodysFile", "echo games >plant; chown games plant; chmod 644 plant"},
                       {"FullFolder", "mkdir -p plant/full"},
                       {"LinkToAFolder", "ln -s $PWD/elsewhere plant"}};
const char* const kNames[] = {"run/curfew/sudoers.d/grants", "run/curfew/keys/games", "run/curfew/banner/man",
                              "var/lib/curfew/managed"};

class AtEachName : public ::testing::TestWithParam<std::tuple<Kind, const char*>> {};

TEST_P(AtEachName, IsRefusedToldAndNeverFollowed) {
  const auto& [kind, name] = GetParam();
  const std::string place = std::string("/") + name;
  Host host;
  host.Start();
  const Instant now = ReadNow().utc;
  host.controller.Draft().managed = {ManagedAccount{Account("games"), Gate{true, true}}, ManagedAccount{Account("man"), Gate{true, false}}};
  host.controller.Draft().grants = {GrantOn(1, "games", now, now + Seconds{600})};
  host.Give();
  host.Await(EventKind::kGrantActive, Id(1).Text());
  ASSERT_TRUE(host.AwaitFile("/run/curfew/banner/man", [](const auto& text) { return text.has_value(); }));
  ASSERT_TRUE(host.AwaitFile("/var/lib/curfew/managed", [](const auto& text) { return text == "games 5 both\nman 6 login\n"; }));
  const auto before = host.Read(place);
  ASSERT_TRUE(before.has_value());
  struct stat was {};
  ASSERT_EQ(::lstat(host.Path(place).c_str(), &was), 0);
  host.Run("cd " + host.Path("") + " && echo untouched > victim && mkdir elsewhere && " + kind.command +
           " && perl -e '$x = q(plant); $y = q(" + name + "); syscall(316, -100, $x, -100, $y, 2)'");
  const Event& drift = host.Await(EventKind::kDrift);
  EXPECT_EQ(drift.severity, Severity::kAlarm);
  EXPECT_NE(drift.detail.find(name), std::string::npos) << drift.detail;
  host.Await(EventKind::kRepaired);
  struct stat is {};
  ASSERT_EQ(::lstat(host.Path(place).c_str(), &is), 0);
  EXPECT_EQ(is.st_mode, was.st_mode);
  EXPECT_EQ(is.st_uid, 0U);
  EXPECT_EQ(is.st_nlink, 1U);
  EXPECT_EQ(host.Read(place), before);
  EXPECT_EQ(host.Read("/victim"), "untouched\n");
  EXPECT_NE(::lstat(host.Path("/elsewhere/games").c_str(), &is), 0);
  EXPECT_TRUE(host.Asks(kCurfewAccount, kCurfewSudo, "games"));
  EXPECT_FALSE(host.Asks(kCurfewAccount, kCurfewSshd, "man"));
}

INSTANTIATE_TEST_SUITE_P(D12, AtEachName, ::testing::Combine(::testing::ValuesIn(kKinds), ::testing::ValuesIn(kNames)),
                         [](const auto& one) {
                           const std::string name = std::get<1>(one.param);
                           std::string last = name.substr(name.rfind('/') + 1);
                           return std::string(std::get<0>(one.param).name) + "_" + last;
                         });

}  // namespace
}  // namespace curfew::test
