// SPDX-License-Identifier: Apache-2.0
// The block that core renders, asked of the real sshd: it binds whom it names, no line of it reaches anybody else, and
// nothing takes its place that was not proved beside it, whenever the power goes.
#include <unistd.h>

#include "agent/host_settings/said.h"
#include "agent/host_settings/sshd.h"
#include "agent/host_settings/sshd_place.h"
#include "core/host_files.h"
#include "tests/agent/tool/tree.h"

namespace curfew::test {
namespace {

constexpr const char* kBlock = "/etc/ssh/sshd_config.d/00-curfew.conf";
constexpr const char* kSite =
    "UsePAM yes\nAuthorizedKeysFile /etc/site/%u\nAuthorizedKeysCommand /usr/bin/true\n"
    "AuthorizedKeysCommandUser nobody\nTrustedUserCAKeys none\nBanner /etc/issue.net\n";

class RealSshd : public Tree {
 protected:
  void SetUp() override {
    for (const char* folder : {"/usr", "/usr/sbin", "/etc/ssh", "/etc/ssh/sshd_config.d", "/run/curfew", "/var/lib/curfew"}) {
      Folder(folder, 0755);
    }
    ASSERT_EQ(::symlink("/usr/sbin/sshd", (paths.root + "/usr/sbin/sshd").c_str()), 0);
    const auto made = curfew::Run({"/usr/bin/ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", paths.root + "/etc/ssh/key"});
    ASSERT_TRUE(made && made->Ok()) << "this test needs openssh";
    static_cast<void>(curfew::Run({"/bin/mkdir", "-p", "/run/sshd"}));
    Site(kSite);
  }
  void Site(const std::string& text) const {
    File("/etc/ssh/sshd_config", "Include " + paths.SshdDropIns() + "/*.conf\nHostKey " + paths.root + "/etc/ssh/key\n" + text, 0644);
  }
  [[nodiscard]] SshdSettings For(const std::string& account) const {
    const auto settings = sshd().SettingsOf(paths.SshdConfig(), account);
    EXPECT_TRUE(settings) << settings.error().Text();
    return settings.value_or(SshdSettings{});
  }
  [[nodiscard]] Sshd sshd() const { return Sshd::Find(paths).value(); }
  [[nodiscard]] bool SshdCouldStart() const { return sshd().Test(paths.SshdConfig()).has_value(); }
  [[nodiscard]] std::string Place(const std::vector<Gated>& managed) const {
    const auto placed = PlaceSshdBlock(paths, managed, SshdWriter::kSetup);
    return placed ? "placed" : placed.error().Text();
  }
  /// In the place of sshd: at its call of this number about a candidate it kills who called, as a power cut would.
  void CutThePowerAt(int call) const {
    static_cast<void>(curfew::Run({"/bin/rm", "-f", paths.root + "/usr/sbin/sshd", paths.root + "/calls"}));
    File("/usr/sbin/sshd",
         "#!/bin/bash\ncase \"$*\" in *.sshd.*) echo >>" + paths.root + "/calls; [ \"$(wc -l <" + paths.root + "/calls)\" != " +
             std::to_string(call) + " ] || kill -9 $PPID;; esac\nexec /usr/sbin/sshd \"$@\"\n",
         0755);
  }
  /// `curfew-agent setup sshd` for what the managed list says; its exit status, 137 when it was killed.
  [[nodiscard]] int SetUpSshd() const {
    const char* build = std::getenv("CURFEW_BINARY_DIR");
    const auto said = curfew::Run({std::string(build) + "/agent/tool/curfew-agent", "--root", paths.root, "setup", "sshd"});
    return said ? said->status : -1;
  }
  static Gated Account(const char* name, bool login) { return {AccountName::Parse(name).value(), 1001, {login, true}}; }
};

TEST_F(RealSshd, ManagedAccountsAreBound) {
  ASSERT_EQ(Place({Account("dev1", true), Account("dev2", true), Account("first.last", true)}), "placed");
  for (const char* name : {"dev1", "dev2", "first.last"}) {
    EXPECT_EQ(FlawOfManaged(For(name)), "") << name;
    EXPECT_EQ(For(name).at("banner"), std::string("/run/curfew/banner/") + name);
  }
}

TEST_F(RealSshd, OthersAreUntouched) {
  const auto before = For("root");
  ASSERT_EQ(Place({Account("dev1", true), Account("guard", false)}), "placed");
  for (const char* name : {"root", "nobody", "guard", "dev1x"}) EXPECT_EQ(TraceOfOurs(For(name)), "") << name;
  EXPECT_EQ(For("root"), before);
}

TEST_F(RealSshd, WhatItWasToldIsRemembered) {
  EXPECT_EQ(SshdWasTold(paths), "");
  ASSERT_EQ(Place({Account("dev1", true)}), "placed");
  EXPECT_EQ(SshdWasTold(paths), RenderSshdBlock({Account("dev1", true)}));
  ASSERT_TRUE(RemoveSshdBlock(paths));
  EXPECT_FALSE(Exists(kBlock));
  EXPECT_EQ(SshdWasTold(paths), "");
}

TEST_F(RealSshd, BlockOutsideAMatchIsSeen) {
  File(kBlock, "AuthorizedKeysFile /run/curfew/keys/%u\n", 0644);
  EXPECT_NE(TraceOfOurs(For("root")), "");
}

TEST_F(RealSshd, EachWeakenedLineIsAFlaw) {
  const std::string block = RenderSshdBlock({Account("dev1", true)});
  for (const char* line : {"    AuthorizedKeysFile /run/curfew/keys/%u\n", "    AuthorizedKeysCommand none\n",
                           "    AuthenticationMethods publickey\n"}) {
    std::string weak = block;
    ASSERT_NE(weak.find(line), std::string::npos) << line;
    weak.erase(weak.find(line), std::string(line).size());
    File(kBlock, weak, 0644);
    EXPECT_NE(FlawOfManaged(For("dev1")), "") << line;
  }
  File(kBlock, "Match User dev1\n    AuthorizedKeysFile /run/curfew/keys/%u .ssh/authorized_keys\n" + block, 0644);
  EXPECT_NE(FlawOfManaged(For("dev1")), "") << "a second key file";
  File(kBlock, block, 0644);
  Site("UsePAM no\n");
  EXPECT_NE(FlawOfManaged(For("dev1")), "") << "UsePAM no";
}

TEST_F(RealSshd, ABlockThatDoesNotHoldIsNeverInPlace) {
  struct Row {
    const char* site;
    const char* drop_in;
    const char* why;
  };
  for (const Row& row : {Row{"UsePAM no\n", "", "usepam"}, Row{kSite, "NoSuchKeyword yes\n", "NoSuchKeyword"},
                         Row{kSite, "Match User dev1\n    AuthorizedKeysFile .ssh/authorized_keys\n", "does not hold for dev1"}}) {
    Site(row.site);
    File("/etc/ssh/sshd_config.d/00-a.conf", row.drop_in, 0644);
    EXPECT_NE(Place({Account("dev1", true)}).find(row.why), std::string::npos) << Place({Account("dev1", true)});
    EXPECT_FALSE(Exists(kBlock)) << row.why;
    EXPECT_FALSE(Exists("/etc/ssh/sshd_config.d/.curfew.setup")) << row.why;
    EXPECT_EQ(SshdWasTold(paths), "") << row.why;
  }
}

TEST_F(RealSshd, APowerCutAfterAnyStepLeavesAnSshdThatStartsAndNoUnprovedBlock) {
  File("/var/lib/curfew/managed", "dev1 1001 both\n", 0644);
  const std::string proved = RenderSshdBlock({Account("dev1", true)});
  int cuts = 0;
  for (int call = 1;; ++call) {
    CutThePowerAt(call);
    const int status = SetUpSshd();
    EXPECT_TRUE(SshdCouldStart()) << call;
    if (status == 0) break;
    ASSERT_EQ(status, 137) << call;
    EXPECT_FALSE(Exists(kBlock)) << "it was in place before call " << call << " had proved it";
    EXPECT_EQ(SshdWasTold(paths), "") << call;
    ++cuts;
  }
  EXPECT_EQ(cuts, 7) << "two tests, and settings of root and another without us, of both and dev1 with us";
  EXPECT_EQ(Text(kBlock), proved);
}

TEST_F(RealSshd, APowerCutWithAForeignDropInThatFailsOurProofChangesNothing) {
  File("/var/lib/curfew/managed", "dev1 1001 both\n", 0644);
  File("/etc/ssh/sshd_config.d/00-a.conf", "Match User dev1\n    AuthorizedKeysFile .ssh/authorized_keys\n", 0644);
  for (int call = 1; call <= 8; ++call) {
    CutThePowerAt(call);
    EXPECT_EQ(SetUpSshd(), call == 8 ? 1 : 137) << call;
    EXPECT_TRUE(SshdCouldStart()) << call;
    EXPECT_FALSE(Exists(kBlock)) << call;
  }
}

}  // namespace
}  // namespace curfew::test
