// SPDX-License-Identifier: Apache-2.0
// Users both ways, timers, watches, sockets, locks: the kernel's answers as values.
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "os/file_lock.h"
#include "os/inotify.h"
#include "os/machine.h"
#include "os/text_file.h"
#include "os/timer_fd.h"
#include "os/unix_socket.h"
#include "os/users.h"

namespace curfew {
namespace {

bool IsReadable(int number, int limit_ms) {
  pollfd ready{number, POLLIN, 0};
  return ::poll(&ready, 1, limit_ms) == 1;
}

TEST(Users, AreFoundByTheirNameAndNothingElse) {
  EXPECT_EQ(LookUpUser("root").value(), std::optional<uid_t>(0));
  EXPECT_EQ(LookUpUser("games").value(), std::optional<uid_t>(5));
  EXPECT_EQ(LookUpUser("no-such-account").value(), std::nullopt);
  EXPECT_EQ(LookUpUser("").value(), std::nullopt);
  EXPECT_EQ(LookUpUser("0").value(), std::nullopt);
}

TEST(Timers, FireAtTheirMomentAndOnlyOnce) {
  auto boot = TimerFd::OnBoot();
  ASSERT_TRUE(boot.has_value());
  ASSERT_TRUE(ArmBootTimer(boot->Number(), ReadNow().boot + Millis{5}).has_value());
  ASSERT_TRUE(IsReadable(boot->Number(), 10000));
  EXPECT_FALSE(DrainTimer(boot->Number()));
  EXPECT_FALSE(IsReadable(boot->Number(), 0));
  auto utc = TimerFd::OnUtc();
  ASSERT_TRUE(utc.has_value());
  ASSERT_TRUE(ArmUtcTimer(utc->Number(), Instant{}).has_value());
  EXPECT_TRUE(IsReadable(utc->Number(), 10000)) << "a moment long past fires at once";
  ASSERT_TRUE(ArmUtcTimer(utc->Number(), std::nullopt).has_value());
  EXPECT_FALSE(IsReadable(utc->Number(), 0));
}

class Places : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = "/run/curfew-os-test-XXXXXX";
    root_ = ::mkdtemp(pattern.data());
  }
  void TearDown() override { ASSERT_EQ(std::system(("rm -rf " + root_).c_str()), 0); }  // NOLINT(cert-env33-c): our own path
  std::string root_;
};

TEST_F(Places, WatchesTellNamesAndThatTheFolderIsGone) {
  auto watch = Inotify::Create();
  ASSERT_TRUE(watch.has_value());
  ASSERT_EQ(::mkdir((root_ + "/folder").c_str(), 0755), 0);
  ASSERT_TRUE(watch->WatchDirectory(root_ + "/folder").has_value());
  EXPECT_TRUE(watch->Take().empty());
  std::ofstream(root_ + "/folder/file") << "x";
  ASSERT_TRUE(IsReadable(watch->Number(), 10000));
  EXPECT_EQ(watch->Take().front().name, "file");
  ASSERT_EQ(std::rename((root_ + "/folder").c_str(), (root_ + "/moved").c_str()), 0);
  ASSERT_TRUE(IsReadable(watch->Number(), 10000));
  EXPECT_TRUE(watch->Take().back().gone);
}

TEST_F(Places, SocketsHaveTheirModeAndKnowTheirPeer) {
  const std::string path = root_ + "/sock";
  const auto socket = ListenAt(path, SocketKind::kStream, 0640, gid_t{5});
  ASSERT_TRUE(socket.has_value()) << socket.error().Text();
  struct stat facts {};
  ASSERT_EQ(::lstat(path.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode, static_cast<mode_t>(S_IFSOCK | 0640));
  EXPECT_EQ(facts.st_gid, 5U);
  EXPECT_TRUE(ListenAt(path, SocketKind::kStream, 0600, std::nullopt).has_value()) << "takes the place of an older socket";
  std::ofstream(root_ + "/file") << "x";
  EXPECT_EQ(ListenAt(root_ + "/file", SocketKind::kStream, 0600, std::nullopt).error().code, Errc::kConflict);
}

TEST_F(Places, ALockHasOneHolder) {
  auto first = LockFile(root_ + "/lock", Millis{0});
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(LockFile(root_ + "/lock", Millis{0}).error().code, Errc::kConflict);
  *first = FileDescriptor();
  EXPECT_TRUE(LockFile(root_ + "/lock", Millis{0}).has_value());
}

TEST(Texts, AreSplitAndNumbersReadStrictly) {
  EXPECT_EQ(SplitText(" a  b ", ' '), (std::vector<std::string_view>{"a", "b"}));
  EXPECT_EQ(ToNumber("12"), 12);
  EXPECT_EQ(ToNumber("12x"), -1);
  EXPECT_EQ(ToNumber(""), -1);
  EXPECT_EQ(ToNumber(" 1"), -1);
}

}  // namespace
}  // namespace curfew
