// SPDX-License-Identifier: Apache-2.0
// A host joins over real HTTPS: what is kept, under which modes, what a second time changes, and what a refusal leaves.
#include "agent/tool/join.h"

#include <unistd.h>

#include <filesystem>

#include "agent/link/link_files.h"
#include "tests/agent/tool/enrolment_port.h"
#include "tests/agent/tool/tree.h"

namespace curfew::test {
namespace {

class Joining : public Tree {
 protected:
  void SetUp() override {
    File("/token", "t-secret\n", 0600);
    File("/ca.crt", port.CaPem(), 0644);
    options.controller = port.Url();
    options.token_file = paths.root + "/token";
    options.ca = paths.root + "/ca.crt";
    options.name = "Host1";
    options.link_user = "root";
  }

  EnrolmentPort port;
  JoinOptions options;
};

TEST_F(Joining, KeepsWhatEnforcerAndLinkStartFrom) {
  testing::internal::CaptureStdout();
  ASSERT_EQ(Join(options, paths), Exit::kDone);
  EXPECT_TRUE(testing::internal::GetCapturedStdout().starts_with("joined as host1 ("));
  EXPECT_EQ(ModeOf("/var/lib/curfew/state"), 0700U);
  EXPECT_EQ(ModeOf("/var/lib/curfew/state/identity.key"), 0600U);
  EXPECT_EQ(ModeOf("/var/lib/curfew/state/audit.key"), 0600U);
  EXPECT_EQ(ModeOf("/var/lib/curfew-link"), 0700U);
  EXPECT_EQ(ModeOf("/var/lib/curfew-link/link.pem"), 0600U);
  EXPECT_EQ(ModeOf("/etc/curfew/trusted_root.json"), 0644U);
  const auto files = ReadLinkFiles(LinkPaths::Below(paths.root));
  ASSERT_TRUE(files) << files.error().Text();
  EXPECT_EQ(files->agent.name.Text(), "host1");
  EXPECT_EQ(files->agent.agents, (Endpoint{"127.0.0.1", 7444}));
  EXPECT_NE(Text("/etc/curfew/trusted_root.json").find(files->agent.host.Hex()), std::string::npos);
}

TEST_F(Joining, TokenIsKeptNowhere) {
  ASSERT_EQ(Join(options, paths), Exit::kDone);
  for (const char* file : {"/etc/curfew/agent.toml", "/etc/curfew/trusted_root.json"}) {
    EXPECT_EQ(Text(file).find("t-secret"), std::string::npos) << file;
  }
}

TEST_F(Joining, SecondTimeKeepsTheKeysAndTheHost) {
  ASSERT_EQ(Join(options, paths), Exit::kDone);
  const std::string identity = Text("/var/lib/curfew/state/identity.key");
  const std::string audit = Text("/var/lib/curfew/state/audit.key");
  const std::string config = Text("/etc/curfew/agent.toml");
  ASSERT_EQ(Join(options, paths), Exit::kDone);
  EXPECT_EQ(Text("/var/lib/curfew/state/identity.key"), identity);
  EXPECT_EQ(Text("/var/lib/curfew/state/audit.key"), audit);
  EXPECT_EQ(Text("/etc/curfew/agent.toml"), config);
  EXPECT_TRUE(ReadLinkFiles(LinkPaths::Below(paths.root)));
}

// As a power cut between two of its files would leave them.
TEST_F(Joining, SecondTimeCutShortLeavesALinkThatStarts) {
  ASSERT_EQ(Join(options, paths), Exit::kDone);
  const std::filesystem::path folder = paths.root + "/var/lib/curfew-link";
  std::vector<std::string> names;
  for (const auto& file : std::filesystem::directory_iterator(folder)) names.push_back(file.path().filename());
  ASSERT_FALSE(names.empty());
  for (const std::string& name : names) {
    const auto in_its_way = folder / ("." + name + ".new");
    std::filesystem::create_directory(in_its_way);
    EXPECT_EQ(Join(options, paths), Exit::kFailed) << name;
    const auto files = ReadLinkFiles(LinkPaths::Below(paths.root));
    EXPECT_TRUE(files) << name << ": " << files.error().Text();
    std::filesystem::remove(in_its_way);
  }
}

TEST_F(Joining, AnotherRootIsRefusedAndTheTrustedOneStays) {
  ASSERT_EQ(Join(options, paths), Exit::kDone);
  const std::string trusted = Text("/etc/curfew/trusted_root.json");
  port.ChangeRoot();
  EXPECT_EQ(Join(options, paths), Exit::kRefused);
  EXPECT_EQ(Text("/etc/curfew/trusted_root.json"), trusted);
}

TEST_F(Joining, ALineThatIsCutIsTriedAgain) {
  port.CutOnce();
  EXPECT_EQ(Join(options, paths), Exit::kDone);
  EXPECT_EQ(port.Asked(), 2);
}

TEST_F(Joining, RefusedTokenLeavesNothingButKeys) {
  port.Refuse(403, R"({"title":"token refused","detail":"used up"})");
  EXPECT_EQ(Join(options, paths), Exit::kRefused);
  EXPECT_EQ(port.Asked(), 1);
  EXPECT_FALSE(Exists("/etc/curfew/agent.toml"));
  EXPECT_FALSE(Exists("/etc/curfew/trusted_root.json"));
  EXPECT_FALSE(Exists("/var/lib/curfew-link/link.pem"));
}

TEST_F(Joining, FaultOfTheControllerIsNoRefusal) {
  port.Refuse(500, "");
  EXPECT_EQ(Join(options, paths), Exit::kFailed);
}

TEST_F(Joining, ControllerOfAnotherCaGetsNoToken) {
  File("/ca.crt", CertificateAuthority::Create().value().CertificatePem(), 0644);
  EXPECT_EQ(Join(options, paths), Exit::kFailed);
  EXPECT_EQ(port.Asked(), 0);
}

TEST_F(Joining, CaFileThatIsNotThereIsNamed) {
  options.ca = paths.root + "/absent";
  testing::internal::CaptureStderr();
  EXPECT_EQ(Join(options, paths), Exit::kFailed);
  EXPECT_NE(testing::internal::GetCapturedStderr().find("is the file that --ca names there"), std::string::npos);
}

TEST_F(Joining, PlainHttpIsNotSpoken) {
  options.controller = "http" + port.Url().substr(5);
  EXPECT_EQ(Join(options, paths), Exit::kFailed);
  EXPECT_EQ(port.Asked(), 0);
}

TEST_F(Joining, UrlMustBeOneAndIsKeptPlain) {
  for (const char* url :
       {"", "https://", "c:7443", "https://c\"\nx = \"y", "https://c/path", "https://user@c", "https://c?x"}) {
    options.controller = url;
    EXPECT_EQ(Join(options, paths), Exit::kFailed) << url;
  }
  EXPECT_EQ(port.Asked(), 0);
  options.controller = port.Url() + "/";
  EXPECT_EQ(Join(options, paths), Exit::kDone);
  EXPECT_NE(Text("/etc/curfew/agent.toml").find("controller = \"" + port.Url() + "\""), std::string::npos);
}

TEST_F(Joining, NobodyThereIsUnreachable) {
  options.controller = "https://127.0.0.1:1";
  EXPECT_EQ(Join(options, paths), Exit::kUnreachable);
}

TEST_F(Joining, TokenFileMustHoldOne) {
  File("/token", "\n", 0600);
  EXPECT_EQ(Join(options, paths), Exit::kFailed);
  options.token_file = paths.root + "/absent";
  EXPECT_EQ(Join(options, paths), Exit::kFailed);
  EXPECT_EQ(port.Asked(), 0);
}

TEST_F(Joining, KeyThatOthersCanReadIsNotUsed) {
  ASSERT_EQ(Join(options, paths), Exit::kDone);
  ASSERT_EQ(::chmod((paths.root + "/var/lib/curfew/state/identity.key").c_str(), 0644), 0);
  EXPECT_EQ(Join(options, paths), Exit::kRefused);
}

TEST_F(Joining, LinkFolderThatIsALinkIsNotFollowed) {
  Folder("/etc/elsewhere", 0755);
  ASSERT_EQ(::symlink((paths.root + "/etc/elsewhere").c_str(), (paths.root + "/var/lib/curfew-link").c_str()), 0);
  EXPECT_NE(Join(options, paths), Exit::kDone);
  EXPECT_TRUE(std::filesystem::is_empty(paths.root + "/etc/elsewhere"));
}

}  // namespace
}  // namespace curfew::test
