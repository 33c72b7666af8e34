// SPDX-License-Identifier: Apache-2.0
// The block that core renders, asked of the real sshd: it binds whom it names, and no line of it reaches anybody else.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "agent/tool/programs_here.h"
#include "agent/tool/sshd_settings.h"
#include "core/host_files.h"

namespace curfew::test {
namespace {

class RealSshd : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_NE(::mkdtemp(folder.data()), nullptr);
    const auto made = curfew::Run({"/usr/bin/ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder + "/key"});
    ASSERT_TRUE(made && made->Ok()) << "this test needs openssh";
  }
  void TearDown() override { static_cast<void>(curfew::Run({"/bin/rm", "-r", folder})); }

  Sshd With(const std::string& block, const std::string& site) {
    std::ofstream(folder + "/curfew.conf") << block;
    std::ofstream(folder + "/sshd_config") << "Include " << folder << "/curfew.conf\nHostKey " << folder << "/key\n"
                                           << site;
    return Sshd::Find(folder + "/sshd_config").value();
  }
  static Gated Account(const char* name, bool login) { return {AccountName::Parse(name).value(), 1001, {login, true}}; }

  std::string folder = "/tmp/curfew-sshd-XXXXXX";
};

constexpr const char* kSite =
    "UsePAM yes\nAuthorizedKeysFile /etc/site/%u\nAuthorizedKeysCommand /usr/bin/true\n"
    "AuthorizedKeysCommandUser nobody\nTrustedUserCAKeys none\nBanner /etc/issue.net\n";

TEST_F(RealSshd, ManagedAccountsAreBound) {
  const auto sshd = With(RenderSshdBlock({Account("dev1", true), Account("dev2", true)}), kSite);
  for (const char* name : {"dev1", "dev2"}) {
    const auto settings = sshd.SettingsOf(name);
    ASSERT_TRUE(settings) << settings.error().Text();
    EXPECT_EQ(FlawOfManaged(*settings), "") << name;
    EXPECT_EQ(settings->at("banner"), std::string("/run/curfew/banner/") + name);
  }
}

TEST_F(RealSshd, OthersAreUntouched) {
  const auto before = With("", kSite).SettingsOf("root").value();
  const auto sshd = With(RenderSshdBlock({Account("dev1", true), Account("guard", false)}), kSite);
  for (const char* name : {"root", "nobody", "guard", "dev1x"}) {
    const auto settings = sshd.SettingsOf(name);
    ASSERT_TRUE(settings) << settings.error().Text();
    EXPECT_EQ(TraceOfOurs(*settings), "") << name;
  }
  EXPECT_EQ(sshd.SettingsOf("root").value(), before);
}

TEST_F(RealSshd, BlockOutsideAMatchIsSeen) {
  const auto sshd = With("AuthorizedKeysFile /run/curfew/keys/%u\n", kSite);
  EXPECT_NE(TraceOfOurs(sshd.SettingsOf("root").value()), "");
}

TEST_F(RealSshd, EachWeakenedLineIsAFlaw) {
  const std::string block = RenderSshdBlock({Account("dev1", true)});
  const std::string site = kSite;
  for (const char* line : {"    AuthorizedKeysFile /run/curfew/keys/%u\n", "    AuthorizedKeysCommand none\n",
                           "    AuthenticationMethods publickey\n"}) {
    std::string weak = block;
    ASSERT_NE(weak.find(line), std::string::npos) << line;
    weak.erase(weak.find(line), std::string(line).size());
    EXPECT_NE(FlawOfManaged(With(weak, site).SettingsOf("dev1").value()), "") << line;
  }
  EXPECT_NE(FlawOfManaged(With(block, "UsePAM no\n").SettingsOf("dev1").value()), "") << "UsePAM no";
  const std::string both = "Match User dev1\n    AuthorizedKeysFile /run/curfew/keys/%u .ssh/authorized_keys\n" + block;
  EXPECT_NE(FlawOfManaged(With(both, site).SettingsOf("dev1").value()), "") << "a second key file";
}

TEST_F(RealSshd, BrokenConfigurationIsRefusedInItsWords) {
  const auto tested = With("NoSuchKeyword yes\n", kSite).Test();
  ASSERT_FALSE(tested);
  EXPECT_EQ(tested.error().code, Errc::kRefused);
  EXPECT_NE(tested.error().what.find("NoSuchKeyword"), std::string::npos) << tested.error().Text();
}

TEST(IncludesFolder, OnlyBeforeTheFirstMatch) {
  const std::string folder = "/etc/ssh/sshd_config.d";
  EXPECT_TRUE(IncludesFolder("# x\nInclude /etc/ssh/sshd_config.d/*.conf\n", folder));
  EXPECT_TRUE(IncludesFolder("include\t/etc/other /etc/ssh/sshd_config.d/*\n", folder));
  EXPECT_FALSE(IncludesFolder("#Include /etc/ssh/sshd_config.d/*.conf\n", folder));
  EXPECT_FALSE(IncludesFolder("Match User x\nInclude /etc/ssh/sshd_config.d/*.conf\n", folder));
  EXPECT_FALSE(IncludesFolder("Include /etc/ssh/*.conf\n", folder));
  EXPECT_FALSE(IncludesFolder("", folder));
}

TEST(UnmanagedAccount, IsNeverAManagedOne) {
  const std::string first = UnmanagedAccount({});
  EXPECT_NE(UnmanagedAccount({first}), first == "nobody" ? "" : first);
}

}  // namespace
}  // namespace curfew::test
