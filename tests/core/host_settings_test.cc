// SPDX-License-Identifier: Apache-2.0
// Which sudo reads dates, which sshd reads them in UTC, which files they bring in: one wrong answer, and a layer is counted
// that does not hold, or a block is proved that is not the one in force.
#include "core/host_settings.h"

#include <gtest/gtest.h>

namespace curfew::test {
namespace {

TEST(SudoVersion, DatesSinceOneNineNine) {
  struct Row {
    const char* said;
    bool dates;
  };
  for (const auto& row :
       {Row{"visudo version 1.8.31p2\nvisudo grammar version 46", false}, Row{"visudo version 1.9.5p2", false},
        Row{"visudo version 1.9.8p2", false}, Row{"visudo version 1.9.9", true}, Row{"visudo version 1.9.13p3\n", true},
        Row{"visudo version 1.9.17p2", true}, Row{"visudo version 1.10.0", true}, Row{"visudo version 2.0", true}, Row{"", false},
        Row{"visudo version ", false}, Row{"visudo version x.9.13", false}, Row{"visudo: no such thing", false}}) {
    EXPECT_EQ(SudoReadsDates(VersionText(row.said, "version ")), row.dates) << row.said;
  }
}

TEST(SshdVersion, IsReadFromUsageToo) {
  EXPECT_EQ(VersionText("OpenSSH_9.2p1 Debian-2+deb12u7, OpenSSL 3.0.17", "OpenSSH_"), "9.2p1");
  EXPECT_EQ(VersionText("unknown option -- V\nOpenSSH_8.4p1, OpenSSL", "OpenSSH_"), "8.4p1");
  EXPECT_EQ(VersionText("dropbear", "OpenSSH_"), "");
  for (const char* version : {"9.1", "9.1p1", "9.2p1", "10.0p2"}) EXPECT_TRUE(SshdReadsUtc(version)) << version;
  for (const char* version : {"9.0p1", "8.9", "7.7p1", "", "x"}) EXPECT_FALSE(SshdReadsUtc(version)) << version;
  EXPECT_TRUE(SshdHasPenalties("9.8p1"));
  EXPECT_FALSE(SshdHasPenalties("9.7p1"));
}

TEST(VersionText, IsPlainAndShort) {
  EXPECT_EQ(VersionText("version \x1b[31m", "version "), "\\x1b[31m");
  EXPECT_EQ(VersionText("version " + std::string(500, '9'), "version ").size(), 32U);
}

class SshdConfig : public ::testing::Test {
 protected:
  [[nodiscard]] std::string With(const std::string& config, const std::string& candidate) const {
    const auto text = SshdConfigWith(config, drop_ins_, candidate);
    return text ? *text : "error: " + text.error().Text();
  }
  DropIns drop_ins_{"/etc/ssh/sshd_config.d", {"50-site.conf", "00-curfew.conf", "00-a.conf", "README", ".curfew.setup"}};
};

TEST_F(SshdConfig, OursIsReplacedInItsPlaceAndNothingElseChanges) {
  EXPECT_EQ(With("# x\nInclude /etc/ssh/sshd_config.d/*.conf\nUsePAM yes\n", "/c"),
            "# x\nInclude /etc/ssh/sshd_config.d/00-a.conf\nInclude /c\nInclude /etc/ssh/sshd_config.d/50-site.conf\nUsePAM yes\n");
}

TEST_F(SshdConfig, WithoutACandidateOursIsLeftOut) {
  EXPECT_EQ(With("Include /etc/ssh/sshd_config.d/*.conf\n", ""),
            "Include /etc/ssh/sshd_config.d/00-a.conf\nInclude /etc/ssh/sshd_config.d/50-site.conf\n");
}

TEST_F(SshdConfig, AHostWithoutOursGetsItWhereItWouldStand) {
  drop_ins_.names = {"00-a.conf", "10-b.conf"};
  EXPECT_EQ(With("Include sshd_config.d/*.conf\n", "/c"),
            "Include /etc/ssh/sshd_config.d/00-a.conf\nInclude /c\nInclude /etc/ssh/sshd_config.d/10-b.conf\n");
}

TEST_F(SshdConfig, EverySpellingOfTheIncludeIsRead) {
  for (const char* line : {"include\t/etc/ssh/sshd_config.d/*.conf", "INCLUDE \"/etc/ssh/sshd_config.d/*.conf\"",
                           "  Include /etc/ssh/sshd_config.d/*", "Include /etc/other/*.conf /etc/ssh/sshd_config.d/0?-*.conf\r"}) {
    EXPECT_NE(With(std::string(line) + "\n", "/c").find("Include /c\n"), std::string::npos) << line;
  }
}

TEST_F(SshdConfig, WhatDoesNotBringUsInForEverybodyIsSaid) {
  for (const char* config : {"#Include /etc/ssh/sshd_config.d/*.conf\n", "Match User x\nInclude /etc/ssh/sshd_config.d/*.conf\n",
                             "Include /etc/ssh/*.conf\n", "Include /etc/ssh/sshd_config.d/5*.conf\n", "UsePAM yes\n", ""}) {
    EXPECT_NE(With(config, "/c").find("does not include"), std::string::npos) << config;
  }
}

TEST_F(SshdConfig, ANameThatSshdWouldReadAsSeveralIsRefused) {
  drop_ins_.names.emplace_back("a b.conf");
  EXPECT_NE(With("Include /etc/ssh/sshd_config.d/*.conf\n", "/c").find("error: "), std::string::npos);
}

TEST(FirstUnmanaged, IsOrdinaryAndNotManaged) {
  const std::string passwd = "root:x:0:0::/:/bin/sh\ndev1:x:1001:1001::/:/bin/sh\nops1:x:1003:1003::/:/bin/sh\nnobody:x:65534:1::/:/\n";
  const Gated dev1{AccountName::Parse("dev1").value(), 1001, Gate{true, true}};
  EXPECT_EQ(FirstUnmanaged(passwd, {}), "dev1");
  EXPECT_EQ(FirstUnmanaged(passwd, {dev1}), "ops1");
  EXPECT_EQ(FirstUnmanaged("", {}), "nobody");
}

TEST(NamesOf, AreAllOfAUid) {
  const std::string passwd = "root:x:0:0::/:/bin/sh\ndev1:x:1001:1001::/:/bin/sh\nDEV1:x:1001:1001::/:/bin/sh\nx:x:01001:1::/:/\n";
  EXPECT_EQ(NamesOf(1001, passwd), (std::vector<std::string>{"dev1", "DEV1"}));
  EXPECT_TRUE(NamesOf(1002, passwd).empty());
}

TEST(PamFile, OnlyALineThatCallsCounts) {
  const std::string line = "account [success=ok default=bad] pam_curfew.so\n";
  EXPECT_TRUE(CallsPamModule("# head\n" + line, "account"));
  EXPECT_TRUE(CallsPamModule("-" + line, "account"));
  EXPECT_FALSE(CallsPamModule(line, "session"));
  EXPECT_FALSE(CallsPamModule("#" + line, "account"));
  EXPECT_FALSE(CallsPamModule("# " + line, "account"));
  EXPECT_FALSE(CallsPamModule("account required pam_unix.so\n", "account"));
  EXPECT_FALSE(CallsPamModule("", "account"));
}

TEST(Sudoers, OnlyALineThatIncludesCounts) {
  EXPECT_TRUE(IncludesSudoersFolder("Defaults x\n@includedir /etc/sudoers.d\n"));
  EXPECT_TRUE(IncludesSudoersFolder("#includedir\t/etc/sudoers.d\n"));
  EXPECT_FALSE(IncludesSudoersFolder("##includedir /etc/sudoers.d\n"));
  EXPECT_FALSE(IncludesSudoersFolder("@includedir /etc/sudoers.d2\n"));
  EXPECT_FALSE(IncludesSudoersFolder(""));
}

}  // namespace
}  // namespace curfew::test
