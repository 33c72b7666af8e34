// SPDX-License-Identifier: Apache-2.0
// Directory against what somebody may put in its way: links, FIFOs, other owners, wide modes, other names.
#include "os/directory.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

namespace curfew {
namespace {

class DirectoryOf : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = "/run/curfew-os-test-XXXXXX";
    root_ = ::mkdtemp(pattern.data());
    ::chmod(root_.c_str(), 0755);
  }
  void TearDown() override { ASSERT_EQ(std::system(("rm -rf " + root_).c_str()), 0); }  // NOLINT(cert-env33-c): our own path
  [[nodiscard]] std::string Path(const std::string& name) const { return root_ + "/" + name; }
  [[nodiscard]] Directory Opened() const { return Directory::Open(root_).value(); }
  [[nodiscard]] static struct stat FactsOf(const std::string& path) {
    struct stat facts {};
    EXPECT_EQ(::lstat(path.c_str(), &facts), 0) << path;
    return facts;
  }
  std::string root_;
};

TEST_F(DirectoryOf, ReplacesWholeWithExactlyTheModeAskedFor) {
  const mode_t before = ::umask(0077);
  ASSERT_TRUE(Opened().Replace("file", "one\n", 0644, Durable::kYes).has_value());
  ::umask(before);
  ASSERT_TRUE(Opened().Replace("file", "two\n", 0440, Durable::kNo).has_value());
  const auto file = Opened().Read("file", 100).value();
  ASSERT_TRUE(file.has_value());
  EXPECT_EQ(file->text, "two\n");
  EXPECT_EQ(file->mode, 0440U);
  EXPECT_EQ(file->owner, 0U);
  EXPECT_EQ(file->links, 1U);
  EXPECT_EQ(Opened().List(10)->size(), 1U) << "nothing is left beside it";
}

TEST_F(DirectoryOf, FollowsNoLinkInAnyComponent) {
  ASSERT_EQ(::mkdir(Path("real").c_str(), 0755), 0);
  std::ofstream(Path("real/file")) << "text";
  ASSERT_EQ(::symlink(Path("real").c_str(), Path("link").c_str()), 0);
  ASSERT_EQ(::symlink("real/file", Path("file").c_str()), 0);
  EXPECT_FALSE(Directory::Open(Path("link")).has_value());
  EXPECT_FALSE(ReadTrustedFile(Path("link/file"), 100).has_value());
  EXPECT_EQ(Opened().Read("file", 100).error().code, Errc::kRefused);
  EXPECT_TRUE(ReadTrustedFile(Path("real/file"), 100).has_value());
}

TEST_F(DirectoryOf, ReplacesALinkAndNotWhatItPointsTo) {
  std::ofstream(Path("victim")) << "untouched";
  ASSERT_EQ(::symlink("victim", Path("file").c_str()), 0);
  ASSERT_EQ(::symlink("victim", Path(".new.file").c_str()), 0);
  ASSERT_TRUE(Opened().Replace("file", "ours", 0644, Durable::kNo).has_value());
  EXPECT_TRUE(S_ISREG(FactsOf(Path("file")).st_mode));
  EXPECT_EQ(ReadTrustedFile(Path("victim"), 100).value(), "untouched");
}

TEST_F(DirectoryOf, RefusesAFolderThatOthersCanWriteAndNamesIt) {
  ASSERT_EQ(::mkdir(Path("wide").c_str(), 0755), 0);
  ASSERT_EQ(::mkdir(Path("wide/below").c_str(), 0755), 0);
  ASSERT_TRUE(Directory::Open(Path("wide/below")).has_value());
  ASSERT_EQ(::chmod(Path("wide").c_str(), 0775), 0);
  const auto refused = Directory::Open(Path("wide/below"));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, Errc::kRefused);
  EXPECT_EQ(refused.error().where, Path("wide"));
  ASSERT_EQ(::chmod(Path("wide").c_str(), 0755), 0);
  ASSERT_EQ(::chown(Path("wide").c_str(), 5, 0), 0);
  EXPECT_FALSE(Directory::Open(Path("wide/below")).has_value());
}

TEST_F(DirectoryOf, WaitsForNoFifoAndReadsNoMoreThanItsBound) {
  ASSERT_EQ(::mkfifo(Path("fifo").c_str(), 0644), 0);
  EXPECT_EQ(Opened().Read("fifo", 100).error().code, Errc::kRefused);
  std::ofstream(Path("large")) << std::string(101, 'x');
  EXPECT_EQ(Opened().Read("large", 100).error().code, Errc::kOutOfRange);
  EXPECT_TRUE(Opened().Read("large", 101).has_value());
}

TEST_F(DirectoryOf, RemovesWhateverHasTheNameAndKeepsAFullFolderAside) {
  ASSERT_EQ(::mkdir(Path("full").c_str(), 0755), 0);
  std::ofstream(Path("full/kept")) << "evidence";
  ASSERT_TRUE(Opened().Remove("full", ".aside").has_value());
  EXPECT_TRUE(ReadTrustedFile(Path(".aside/kept"), 100).has_value());
  ASSERT_EQ(::mkdir(Path("empty").c_str(), 0755), 0);
  ASSERT_TRUE(Opened().Remove("empty", ".other").has_value());
  EXPECT_NE(::access(Path(".other").c_str(), F_OK), 0);
  EXPECT_TRUE(Opened().Remove("nothing", ".other").has_value());
}

TEST_F(DirectoryOf, TrustsNoFileThatOthersCanWrite) {
  std::ofstream(Path("file")) << "text";
  ASSERT_EQ(::chmod(Path("file").c_str(), 0664), 0);
  EXPECT_EQ(ReadTrustedFile(Path("file"), 100).error().code, Errc::kRefused);
  ASSERT_EQ(::chmod(Path("file").c_str(), 0644), 0);
  EXPECT_TRUE(ReadTrustedFile(Path("file"), 100).has_value());
  ASSERT_EQ(::chown(Path("file").c_str(), 5, 0), 0);
  EXPECT_EQ(ReadTrustedFile(Path("file"), 100).error().code, Errc::kRefused);
}

TEST_F(DirectoryOf, SaysWhenThereAreMoreNamesThanTheBound) {
  std::ofstream(Path("one")) << "";
  std::ofstream(Path("two")) << "";
  EXPECT_EQ(Opened().List(2)->size(), 2U);
  EXPECT_EQ(Opened().List(1).error().code, Errc::kOutOfRange);
}

}  // namespace
}  // namespace curfew
