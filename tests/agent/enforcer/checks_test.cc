// SPDX-License-Identifier: Apache-2.0
// ATTACKS D13: a visudo that refuses, hangs or is missing gives no rule and delays no removal. And the sshd block, proved
// by the real sshd: kept current, never at the price of somebody else's text.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "core/host_files.h"
#include "os/machine.h"
#include "tests/agent/enforcer/host.h"

namespace curfew::test {
namespace {

constexpr const char* kRules = "/run/curfew/sudoers.d/grants";
constexpr const char* kBlock = "/etc/ssh/sshd_config.d/00-curfew.conf";

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

class SshdBlockOf : public ::testing::Test {
 protected:
  void SetUp() override {
    host_.Run("mkdir -p /run/sshd " + host_.Path("/etc/ssh/sshd_config.d"));
    std::ofstream(host_.Path("/etc/ssh/sshd_config")) << "Include " << host_.Path("/etc/ssh/sshd_config.d/*.conf")
                                                      << "\nUsePAM yes\nAuthorizedKeysFile .ssh/authorized_keys\n";
    before_ = RenderSshdBlock({});
    std::ofstream(host_.Path(kBlock)) << before_;
  }
  void Give() {
    host_.Start();
    host_.controller.Draft().managed = {ManagedAccount{Account("games"), Gate{true, true}}};
    host_.Give();
  }
  [[nodiscard]] bool AwaitBlock(const std::string& part) const {
    return host_.AwaitFile(kBlock, [&](const std::optional<std::string>& text) { return text && text->find(part) != std::string::npos; });
  }
  Host host_;
  std::string before_;
};

TEST_F(SshdBlockOf, FollowsTheManagedAccounts) {
  Give();
  EXPECT_TRUE(AwaitBlock("Match User games"));
  host_.controller.Draft().managed = {ManagedAccount{Account("games"), Gate{true, true}}, ManagedAccount{Account("man"), Gate{true, false}}};
  ASSERT_EQ(host_.OfferWord(host_.controller.NextBundle()), "accepted");
  EXPECT_TRUE(AwaitBlock("Match User games,man"));
}

TEST_F(SshdBlockOf, IsNotMadeWhereNobodyAskedForIt) {
  host_.Run("rm " + host_.Path(kBlock));
  Give();
  ASSERT_TRUE(host_.AwaitFile("/run/curfew/banner/games", [](const auto& text) { return text.has_value(); }));
  EXPECT_EQ(host_.Read(kBlock), std::nullopt);
}

TEST_F(SshdBlockOf, LeavesEverythingWhenSomebodyElsesTextIsBroken) {
  std::ofstream(host_.Path("/etc/ssh/sshd_config.d/50-site.conf")) << "NoSuchOption yes\n";
  Give();
  const Event& alarm = host_.Await(EventKind::kDrift);
  EXPECT_EQ(alarm.severity, Severity::kAlarm);
  EXPECT_NE(alarm.detail.find("50-site.conf"), std::string::npos) << alarm.detail;
  EXPECT_EQ(host_.Read(kBlock), before_);
}

TEST_F(SshdBlockOf, PutsTheEarlierTextBackWhenItsOwnDoesNotHold) {
  // Sorts before ours, and sshd takes the first value: the account would keep its own keys.
  std::ofstream(host_.Path("/etc/ssh/sshd_config.d/00-a.conf")) << "Match User games\n  AuthorizedKeysFile .ssh/authorized_keys\n";
  Give();
  const Event& alarm = host_.Await(EventKind::kDrift);
  EXPECT_NE(alarm.detail.find("does not hold for games"), std::string::npos) << alarm.detail;
  EXPECT_NE(alarm.detail.find("the earlier text stands again"), std::string::npos) << alarm.detail;
  EXPECT_EQ(host_.Read(kBlock), before_);
}

}  // namespace
}  // namespace curfew::test
