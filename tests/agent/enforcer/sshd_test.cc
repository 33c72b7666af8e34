// SPDX-License-Identifier: Apache-2.0
// The sshd block, proved by the real sshd: kept current, never at the price of somebody else's text, never in place before
// it was proved, and no grant is active before sshd has read it.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "core/host_files.h"
#include "os/machine.h"
#include "tests/agent/enforcer/host.h"

namespace curfew::test {
namespace {

constexpr const char* kBlock = "/etc/ssh/sshd_config.d/00-curfew.conf";
constexpr const char* kSiteFile = "/etc/ssh/sshd_config.d/50-site.conf";
constexpr const char* kTold = "/run/curfew/.sshd.told";

class SshdBlockOf : public ::testing::Test {
 protected:
  void SetUp() override {
    host_.Run("mkdir -p /run/sshd " + host_.Path("/etc/ssh/sshd_config.d"));
    std::ofstream(host_.Path("/etc/ssh/sshd_config")) << "Include " << host_.Path("/etc/ssh/sshd_config.d/*.conf")
                                                      << "\nUsePAM yes\nAuthorizedKeysFile .ssh/authorized_keys\n";
    before_ = RenderSshdBlock({});
    std::ofstream(host_.Path(kBlock)) << before_;
  }
  /// In the place of sshd, which is asked as it would be, but does first what the script says.
  void Before(const std::string& script) const {
    host_.Run("rm -f " + host_.Path("/usr/sbin/sshd"));
    std::ofstream(host_.Path("/usr/sbin/sshd")) << "#!/bin/bash\n" << script << "\nexec /usr/sbin/sshd \"$@\"\n";
    ::chmod(host_.Path("/usr/sbin/sshd").c_str(), 0755);
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
  host_.controller.Draft().managed = {ManagedAccount{Account("games"), Gate{true, true}},
                                      ManagedAccount{Account("man"), Gate{true, false}}};
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
  std::ofstream(host_.Path(kSiteFile)) << "NoSuchOption yes\n";
  Give();
  const Event& alarm = host_.Await(EventKind::kDrift);
  EXPECT_EQ(alarm.severity, Severity::kAlarm);
  EXPECT_NE(alarm.detail.find("50-site.conf"), std::string::npos) << alarm.detail;
  EXPECT_EQ(host_.Read(kBlock), before_);
}

TEST_F(SshdBlockOf, ChangesNothingWhenItsOwnDoesNotHold) {
  // Sorts before ours, and sshd takes the first value: the account would keep its own keys.
  std::ofstream(host_.Path("/etc/ssh/sshd_config.d/00-a.conf")) << "Match User games\n  AuthorizedKeysFile .ssh/authorized_keys\n";
  Give();
  const Event& alarm = host_.Await(EventKind::kDrift);
  EXPECT_NE(alarm.detail.find("does not hold for games"), std::string::npos) << alarm.detail;
  EXPECT_NE(alarm.detail.find("nothing was changed"), std::string::npos) << alarm.detail;
  EXPECT_EQ(host_.Read(kBlock), before_);
}

TEST_F(SshdBlockOf, IsProvedAndReadAgainWhenSshdWasNotToldOfIt) {
  Give();
  ASSERT_TRUE(host_.AwaitFile(kTold, [&](const auto& text) { return text && text->find("Match User games") != std::string::npos; }));
  const auto block = host_.Read(kBlock);
  host_.Kill();
  // A crash between the block's name and sshd's reading it leaves this.
  host_.Run("rm " + host_.Path(kTold));
  Before("case \"$*\" in *.sshd.enforcer*) echo asked >>" + host_.Path("/asked") + ";; esac");
  host_.Start();
  EXPECT_TRUE(host_.AwaitFile(kTold, [&](const auto& text) { return text == block; }));
  EXPECT_TRUE(host_.Read("/asked").has_value());
  EXPECT_EQ(host_.Read(kBlock), block);
}

TEST_F(SshdBlockOf, IsNeverInPlaceUnprovedWhateverStepTheHostDiesAt) {
  std::ofstream(host_.Path(kSiteFile)) << "NoSuchOption yes\n";
  Give();
  host_.Await(EventKind::kDrift);
  host_.Kill();
  host_.Run("rm " + host_.Path(kSiteFile));
  const std::string count = host_.Path("/count");
  // Two tests, and the settings of root and another without us, of both and the managed account with us.
  for (int call = 1; call <= 7; ++call) {
    host_.Run("rm -f " + count);
    Before("case \"$*\" in *.sshd.enforcer*) echo >>" + count + "; [ \"$(wc -l <" + count + ")\" != " + std::to_string(call) +
           " ] || kill -9 $PPID;; esac");
    EXPECT_EQ(host_.RunAnother().status, 137) << call;
    EXPECT_EQ(host_.Read(kBlock), before_) << call;
    EXPECT_EQ(host_.Read(kTold), std::nullopt) << call;
  }
  Before("true");
  host_.Start();
  EXPECT_TRUE(AwaitBlock("Match User games"));
}

TEST_F(SshdBlockOf, HoldsBackTheWordActiveUntilSshdHasReadIt) {
  std::ofstream(host_.Path(kSiteFile)) << "NoSuchOption yes\n";
  const Instant now = ReadNow().utc;
  auto& draft = host_.controller.Draft();
  draft.grants = {GrantOn(1, "games", now, now + Seconds{600}), GrantOn(2, "games", now, now + Seconds{600})};
  draft.grants[1].login.reset();
  Give();
  host_.Await(EventKind::kDrift);
  host_.Await(EventKind::kGrantActive, Id(2).Text());
  EXPECT_NE(host_.Read("/run/curfew/keys/games").value_or("").find(Id(1).Text()), std::string::npos);
  EXPECT_EQ(host_.Count(EventKind::kGrantActive), 1U) << "sshd reads the account's own keys still";
  host_.Run("rm " + host_.Path(kSiteFile));
  draft.managed.push_back(ManagedAccount{Account("man"), Gate{true, false}});
  ASSERT_EQ(host_.OfferWord(host_.controller.NextBundle()), "accepted");
  host_.Await(EventKind::kGrantActive, Id(1).Text());
  EXPECT_NE(host_.Read(kTold).value_or("").find("Match User games,man"), std::string::npos);
}

}  // namespace
}  // namespace curfew::test
