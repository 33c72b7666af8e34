// SPDX-License-Identifier: Apache-2.0
// What is kept between calls: only the owner can read it, and it is whole.
#include "cli/home.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace curfew {
namespace {

namespace fs = std::filesystem;

class HomeTest : public testing::Test {
 protected:
  HomeTest() {
    std::string name = (fs::temp_directory_path() / "curfew-home-XXXXXX").string();
    directory_ = mkdtemp(name.data());
  }
  ~HomeTest() override { fs::remove_all(directory_); }
  [[nodiscard]] Home At(const std::string& url = {}, const std::string& token_file = {}) const {
    return Home(Places{directory_ + "/deep/home", url, token_file});
  }
  std::string directory_;
};

unsigned ModeOf(const std::string& path) {
  struct stat status {};
  EXPECT_EQ(stat(path.c_str(), &status), 0) << path;
  return status.st_mode & 07777U;
}

TEST_F(HomeTest, TheTokenIsForItsOwnerWhateverTheUmask) {
  const mode_t before = umask(0);
  const auto kept = At().KeepToken("secret");
  umask(before);
  ASSERT_TRUE(kept) << kept.error().Text();
  EXPECT_EQ(ModeOf(directory_ + "/deep/home/token"), 0600U);
  EXPECT_EQ(ModeOf(directory_ + "/deep/home"), 0700U);
  EXPECT_EQ(At().Token().value(), "secret");
}

TEST_F(HomeTest, AWideFileIsNarrowedWhenReplaced) {
  ASSERT_TRUE(At().KeepToken("one"));
  chmod((directory_ + "/deep/home/token").c_str(), 0666);
  ASSERT_TRUE(At().KeepToken("two"));
  EXPECT_EQ(ModeOf(directory_ + "/deep/home/token"), 0600U);
  EXPECT_EQ(At().Token().value(), "two");
}

TEST_F(HomeTest, NothingKeptMeansLogInFirst) {
  EXPECT_EQ(At().Token().error().exit, ExitCode::kLogInFirst);
  EXPECT_EQ(At().Url().error().exit, ExitCode::kLogInFirst);
  EXPECT_EQ(At().CaFile(), "");
}

TEST_F(HomeTest, TheEnvironmentComesBeforeWhatWasKept) {
  ASSERT_TRUE(At().KeepUrl("https://kept:1"));
  ASSERT_TRUE(At().KeepToken("kept"));
  std::ofstream(directory_ + "/other") << "other\n";
  const Home home = At("https://set:2", directory_ + "/other");
  EXPECT_EQ(At().Url().value(), "https://kept:1");
  EXPECT_EQ(home.Url().value(), "https://set:2");
  EXPECT_EQ(home.Token().value(), "other");
}

TEST_F(HomeTest, ATokenCannotAddAHeader) {
  std::ofstream(directory_ + "/token") << "a\r\nX-Evil: b\n";
  EXPECT_EQ(At({}, directory_ + "/token").Token().error().exit, ExitCode::kLogInFirst);
}

TEST_F(HomeTest, ALongFileIsRefusedNotCut) {
  std::ofstream(directory_ + "/long") << std::string(11, 'x');
  EXPECT_EQ(ReadBounded(directory_ + "/long", 11).value().size(), 11U);
  EXPECT_FALSE(ReadBounded(directory_ + "/long", 10));
}

TEST(Urls, OnlyHttpsAndNothingBehindTheHost) {
  EXPECT_EQ(ParseUrl("https://controller:7443/").value(), "https://controller:7443");
  for (const char* bad : {"", "https://", "http://c:7443", "controller:7443", "https://c/x", "https://a@b",
                          "https://c?x", "https://c d"}) {
    const auto url = ParseUrl(bad);
    ASSERT_FALSE(url) << bad;
    EXPECT_EQ(url.error().exit, ExitCode::kUsage);
  }
}

}  // namespace
}  // namespace curfew
