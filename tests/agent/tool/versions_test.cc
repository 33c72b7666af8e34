// SPDX-License-Identifier: Apache-2.0
// Which sudo reads dates, which sshd reads them in UTC: one wrong answer and a layer is counted that does not hold.
#include <gtest/gtest.h>

#include "agent/tool/programs_here.h"

namespace curfew::test {
namespace {

TEST(SudoVersion, DatesSinceOneNineNine) {
  struct Row {
    const char* said;
    bool dates;
  };
  for (const auto& row :
       {Row{"Sudo version 1.8.31p2\nSudoers policy plugin", false}, Row{"Sudo version 1.9.5p2", false},
        Row{"Sudo version 1.9.8p2", false}, Row{"Sudo version 1.9.9", true}, Row{"Sudo version 1.9.13p3\n", true},
        Row{"Sudo version 1.9.17p2", true}, Row{"Sudo version 1.10.0", true}, Row{"Sudo version 2.0", true},
        Row{"sudo-rs 0.2.5", false}, Row{"", false}, Row{"Sudo version ", false}, Row{"Sudo version x.9.13", false},
        Row{"sudo: unable to change to root gid: Operation not permitted", false}}) {
    EXPECT_EQ(ReadSudoVersion("/usr/bin/sudo", row.said).dates, row.dates) << row.said;
  }
}

TEST(SudoVersion, SudoRsIsKnown) {
  EXPECT_TRUE(ReadSudoVersion("/usr/bin/sudo-rs", "sudo-rs 0.2.13").rs);
  EXPECT_FALSE(ReadSudoVersion("/usr/bin/sudo", "Sudo version 1.9.13p3").rs);
}

TEST(SshVersion, IsReadFromUsageToo) {
  EXPECT_EQ(ReadSshVersion("OpenSSH_9.2p1 Debian-2+deb12u7, OpenSSL 3.0.17"), 902);
  EXPECT_EQ(ReadSshVersion("unknown option -- V\nOpenSSH_8.4p1 Debian"), 804);
  EXPECT_EQ(ReadSshVersion("OpenSSH_10.0p2"), 1000);
  EXPECT_EQ(ReadSshVersion("dropbear"), 0);
  EXPECT_EQ(ReadSshVersion("OpenSSH_"), 0);
}

TEST(Said, FirstLineIsPlain) {
  EXPECT_EQ((Said{1, "\n  \nfirst\nsecond"}).FirstLine(), "first");
  EXPECT_EQ((Said{1, "\x1b[31mred"}).FirstLine(), "\\x1b[31mred");
  EXPECT_EQ((Said{7, ""}).FirstLine(), "status 7");
}

TEST(Program, BringsWordsAndStatus) {
  const auto said = curfew::Run({"/bin/sh", "-c", "echo out; echo err >&2; exit 3"});
  ASSERT_TRUE(said);
  EXPECT_EQ(said->status, 3);
  EXPECT_NE(said->output.find("out"), std::string::npos);
  EXPECT_NE(said->output.find("err"), std::string::npos);
  const auto absent = curfew::Run({"/nonexistent/program"});
  EXPECT_FALSE(absent && absent->Ok());
}

}  // namespace
}  // namespace curfew::test
