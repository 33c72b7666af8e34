// SPDX-License-Identifier: Apache-2.0
// The host's own sshd on our Match block, included as on a host: it holds for each guarded account and for nobody else.
#include <gtest/gtest.h>
#include <unistd.h>

#include "core/host_files.h"
#include "tests/host/real_program.h"
#include "tests/core/state_world.h"

namespace curfew::test {
namespace {

using std::filesystem::perms;

class SshdBlock : public ::testing::Test {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "needs root: sshd -T reads the host key";
    std::filesystem::create_directories("/run/sshd");
    ASSERT_EQ(RunProgram({"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", folder_.Path("host")}).status,
              0);
  }
  /// A site's own configuration that includes our block first, as Debian's does.
  void Configure(const std::vector<Gated>& managed) {
    const std::string block = folder_.Write("00-curfew.conf", RenderSshdBlock(managed), perms(0600));
    folder_.Write("sshd_config",
                  "Include " + block + "\nHostKey " + folder_.Path("host") +
                      "\nAuthorizedKeysFile .ssh/site_keys\nAuthorizedKeysCommand "
                      "/usr/bin/site-keys\nAuthorizedKeysCommandUser nobody\n"
                      "TrustedUserCAKeys /etc/ssh/site_ca\nPort 2222\nMatch User dev1\n    AuthenticationMethods password\n",
                  perms(0600));
  }
  [[nodiscard]] std::string For(const std::string& user) const {
    const Outcome outcome = RunProgram(
        {"/usr/sbin/sshd", "-T", "-f", folder_.Path("sshd_config"), "-C", "user=" + user + ",host=h,addr=192.0.2.1"});
    EXPECT_EQ(outcome.status, 0) << outcome.output;
    return outcome.output;
  }
  static bool Has(const std::string& text, const std::string& line) {
    return text.find(line + "\n") != std::string::npos;
  }

 private:
  ScratchFolder folder_{"/run"};
};

TEST_F(SshdBlock, GuardsEachAccountAndNoOther) {
  Configure({Gated{Account("dev1"), 1001, Gate{true, true}}, Gated{Account("first.last"), 1002, Gate{true, false}}});
  for (const std::string user : {"dev1", "first.last"}) {
    const std::string text = For(user);
    EXPECT_TRUE(Has(text, "authorizedkeysfile /run/curfew/keys/%u")) << text;
    EXPECT_TRUE(Has(text, "authorizedkeyscommand none")) << text;
    EXPECT_TRUE(Has(text, "trustedusercakeys none")) << text;
    EXPECT_TRUE(Has(text, "authenticationmethods publickey"))
        << "the site's later block must not weaken ours: " << text;
    EXPECT_TRUE(Has(text, "banner /run/curfew/banner/" + user)) << text;
  }
}

TEST_F(SshdBlock, LeavesRootAndTheUnmanagedExactlyAsTheyWere) {
  Configure({});
  const std::string root = For("root");
  const std::string other = For("firstXlast");
  EXPECT_TRUE(Has(root, "authorizedkeysfile .ssh/site_keys")) << root;
  Configure({Gated{Account("dev1"), 1001, Gate{true, true}}, Gated{Account("first.last"), 1002, Gate{true, false}}});
  EXPECT_EQ(For("root"), root);
  EXPECT_EQ(For("firstXlast"), other);
}

}  // namespace
}  // namespace curfew::test
