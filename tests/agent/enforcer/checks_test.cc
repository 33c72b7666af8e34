// SPDX-License-Identifier: Apache-2.0
// ATTACKS D13: a visudo that refuses, hangs or is missing gives no rule and delays no removal. D6: a command that somebody
// else could replace gives none either.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "os/machine.h"
#include "tests/agent/enforcer/host.h"

namespace curfew::test {
namespace {

constexpr const char* kRules = "/run/curfew/sudoers.d/grants";

class Visudo : public ::testing::Test {
 protected:
  void Replace(const std::string& script) {
    host_.Run("rm " + host_.Path("/usr/sbin/visudo"));
    if (script.empty()) return;
    std::ofstream(host_.Path("/usr/sbin/visudo")) << "#!/bin/sh\n" << script << "\n";
    ::chmod(host_.Path("/usr/sbin/visudo").c_str(), 0755);
  }
  void GiveOne(int number, Seconds length) {
    const Instant now = ReadNow().utc;
    auto& draft = host_.controller.Draft();
    draft.managed = {ManagedAccount{Account("games"), Gate{true, true}}};
    draft.grants.push_back(GrantOn(number, "games", now, now + length));
    if (draft.version == 0) {
      host_.Give();
    } else {
      ASSERT_EQ(host_.OfferWord(host_.controller.NextBundle()), "accepted");
    }
  }
  Host host_;
};

TEST_F(Visudo, ThatRefusesGivesNoRuleAndSaysWhy) {
  Replace("echo 'syntax error'; exit 1");
  host_.Start();
  GiveOne(1, Seconds{600});
  EXPECT_NE(host_.Await(EventKind::kGrantFailed, Id(1).Text()).detail.find("syntax error"), std::string::npos);
  EXPECT_EQ(host_.Read(kRules).value_or("").find("#5"), std::string::npos);
  EXPECT_EQ(host_.Count(EventKind::kGrantActive), 0U);
}

TEST_F(Visudo, ThatHangsIsKilledAndGivesNoRule) {
  Replace("exec sleep 1000");
  host_.Start();
  GiveOne(1, Seconds{600});
  EXPECT_NE(host_.Await(EventKind::kGrantFailed, Id(1).Text()).detail.find("did not answer within 2 s"), std::string::npos);
  EXPECT_EQ(host_.Read(kRules).value_or("").find("#5"), std::string::npos);
}

TEST_F(Visudo, ThatIsMissingGivesNoRule) {
  Replace("");
  host_.Start();
  GiveOne(1, Seconds{600});
  EXPECT_NE(host_.Await(EventKind::kGrantFailed, Id(1).Text()).detail.find("no visudo"), std::string::npos);
  EXPECT_EQ(host_.Read(kRules).value_or("").find("#5"), std::string::npos);
}

TEST_F(Visudo, ThatRefusesLaterDelaysNoRemoval) {
  host_.Start();
  GiveOne(1, Seconds{4});
  host_.Await(EventKind::kGrantActive, Id(1).Text());
  Replace("exit 1");
  GiveOne(2, Seconds{600});
  host_.Await(EventKind::kGrantFailed, Id(2).Text());
  EXPECT_NE(host_.Read(kRules).value().find(Id(1).Text()), std::string::npos);
  const Event& ended = host_.Await(EventKind::kGrantEnded, Id(1).Text());
  EXPECT_LT(ended.at, host_.controller.Draft().grants[0].end + Seconds{1});
  EXPECT_EQ(host_.Read(kRules).value().find(Id(1).Text()), std::string::npos);
  EXPECT_EQ(host_.Read(kRules).value().find(Id(2).Text()), std::string::npos);
  EXPECT_NE(host_.Alarms().find("refuses our rules"), std::string::npos) << "a removal was written, but visudo still says no";
  EXPECT_EQ(host_.Count(EventKind::kRepaired), 0U);
}

TEST_F(Visudo, IsAskedAgainAboutWhatItRefusedWhenABundleComes) {
  Replace("exit 1");
  host_.Start();
  GiveOne(1, Seconds{600});
  host_.Await(EventKind::kGrantFailed, Id(1).Text());
  Replace("exec /usr/sbin/visudo \"$@\"");
  GiveOne(2, Seconds{600});
  host_.Await(EventKind::kGrantActive, Id(2).Text());
  host_.Await(EventKind::kGrantActive, Id(1).Text());
  host_.Await(EventKind::kRepaired);
  EXPECT_EQ(host_.Alarms(), "");
}

TEST_F(Visudo, ThatRefusesOneOfTwoKeepsTheOtherFromNobody) {
  Replace("for file; do :; done; grep -q " + Id(2).Text() + " \"$file\" && exit 1; exec /usr/sbin/visudo \"$@\"");
  host_.Start();
  const Instant now = ReadNow().utc;
  host_.controller.Draft().grants = {GrantOn(1, "games", now, now + Seconds{600})};
  GiveOne(2, Seconds{600});
  host_.Await(EventKind::kGrantActive, Id(1).Text());
  host_.Await(EventKind::kGrantFailed, Id(2).Text());
  EXPECT_EQ(host_.Read(kRules).value().find(Id(2).Text()), std::string::npos);
}

TEST_F(Visudo, ThatIsInstalledLaterIsAskedWithTheNextTurn) {
  Replace("");
  host_.Start();
  GiveOne(1, Seconds{600});
  host_.Await(EventKind::kGrantFailed, Id(1).Text());
  Replace("exec /usr/sbin/visudo \"$@\"");
  // An end of something else is one cause to turn among many.
  ASSERT_EQ(host_.OfferWord(host_.controller.Revocation(Id(7), ReadNow().utc)), "accepted");
  host_.Await(EventKind::kGrantActive, Id(1).Text());
}

struct Road {
  const char* name;
  const char* command;  ///< run in the host's root; `tool` is what is granted
  const char* why;      ///< what the refusal must say; empty: it is given
};

// The root of a test's host is root's all the way up.
const Road kRoads[] = {
    {"RootsOwn", "true", ""},
    {"LinkOfRoots", "mv bin/tool bin/real; ln -s real bin/tool", ""},
    {"FolderBehindALinkOfRoots", "mv bin other; ln -s other bin", ""},
    {"WritableFile", "chmod 777 bin/tool", "tool can be written by others than root"},
    {"GroupWritableFile", "chmod 775 bin/tool", "tool can be written by others than root"},
    {"SomebodysFile", "chown games bin/tool", "tool belongs to uid 5"},
    {"WritableFolder", "chmod 777 bin", "bin can be written by others than root"},
    {"StickyFolder", "chmod 1777 bin", "bin can be written by others than root"},
    {"SomebodysFolder", "chown games bin", "bin belongs to uid 5"},
    {"LinkOfSomebodys", "mv bin/tool bin/real; ln -s real bin/tool; chown -h games bin/tool", "tool belongs to uid 5"},
    {"LinkIntoSomebodysFolder", "mkdir home; mv bin/tool home/tool; chown games home; ln -s ../home/tool bin/tool", "home belongs to uid 5"},
    {"LinkLoop", "ln -sf tool bin/tool", "more than 40 links"},
    {"MissingFile", "rm bin/tool", "tool is not there"},
    {"Folder", "rm bin/tool; mkdir bin/tool", "is not a regular file"},
    {"Fifo", "rm bin/tool; mkfifo bin/tool", "is not a regular file"},
};

class D6 : public ::testing::TestWithParam<Road> {};

TEST_P(D6, OnlyWhatRootAloneCanWriteIsGiven) {
  Host host;
  host.Run("cd " + host.Path("") + " && mkdir bin && echo '#!/bin/sh' >bin/tool && chmod 755 bin bin/tool && { " +
           std::string(GetParam().command) + "; }");
  host.Start();
  const Instant now = ReadNow().utc;
  auto& draft = host.controller.Draft();
  draft.managed = {ManagedAccount{Account("games"), Gate{true, true}}};
  draft.grants = {GrantOn(1, "games", now, now + Seconds{600}), GrantOn(2, "games", now, now + Seconds{600})};
  draft.grants[0].login.reset();
  draft.grants[0].sudo->commands = std::vector<Command>{Command::Parse({host.Path("/bin/tool"), "x"}).value()};
  host.Give();
  host.Await(EventKind::kGrantActive, Id(2).Text());
  const std::string why = GetParam().why;
  if (why.empty()) {
    host.Await(EventKind::kGrantActive, Id(1).Text());
    EXPECT_NE(host.Read(kRules).value().find(host.Path("/bin/tool")), std::string::npos);
    return;
  }
  const Event& failed = host.Await(EventKind::kGrantFailed, Id(1).Text());
  EXPECT_NE(failed.detail.find(why), std::string::npos) << failed.detail;
  EXPECT_EQ(host.Read(kRules).value().find(host.Path("/bin/tool")), std::string::npos);
  EXPECT_NE(host.Read(kRules).value().find(Id(2).Text()), std::string::npos) << "one unsafe command bars nobody else's";
}

INSTANTIATE_TEST_SUITE_P(Roads, D6, ::testing::ValuesIn(kRoads),
                         [](const ::testing::TestParamInfo<Road>& road) { return std::string(road.param.name); });

}  // namespace
}  // namespace curfew::test
