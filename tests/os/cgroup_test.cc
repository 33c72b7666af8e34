// SPDX-License-Identifier: Apache-2.0
// "Gone" is what the kernel says, and nothing else: a group or a process that cannot be looked at is there.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <thread>

#include "os/cgroup.h"
#include "os/process.h"

namespace curfew {
namespace {

class Group : public ::testing::Test {
 protected:
  void SetUp() override {
    auto tree = CgroupTree::Find();
    ASSERT_TRUE(tree.has_value()) << "needs cgroup2";
    tree_ = *std::move(tree);
    const std::string events = tree_->EventsPath(name_);
    folder_ = events.substr(0, events.rfind('/'));
    ASSERT_EQ(::mkdir(folder_.c_str(), 0755), 0) << "needs root";
    ASSERT_EQ(::mkdir((folder_ + "/in").c_str(), 0755), 0);
  }
  void TearDown() override {
    ::rmdir((folder_ + "/in").c_str());
    ::rmdir(folder_.c_str());
  }
  /// What a process without a right to search says of it.
  bool AsNobody(const std::function<bool()>& says) const {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(::setresuid(65534, 65534, 65534) == 0 && says() ? 0 : 1);
    int status = 0;
    return ::waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
  }
  std::string name_ = "curfew-os-test-" + std::to_string(::getpid());
  std::string folder_;
  std::optional<CgroupTree> tree_;
};

TEST_F(Group, ThatMayNotBeLookedAtIsThere) {
  ASSERT_EQ(::chmod(folder_.c_str(), 0700), 0);
  EXPECT_TRUE(AsNobody([this] { return tree_->Exists(name_ + "/in"); }));
  EXPECT_TRUE(AsNobody([this] { return tree_->Events(name_ + "/in").error().code != Errc::kNotFound; }));
  EXPECT_TRUE(AsNobody([this] {
    const auto inside = tree_->Processes(name_);
    return !inside && inside.error().code != Errc::kNotFound;
  }));
  EXPECT_TRUE(AsNobody([this] { return !tree_->Children(name_, "").has_value(); }));
}

TEST_F(Group, ThatIsNotThereIsGone) {
  EXPECT_FALSE(tree_->Exists(name_ + "/out"));
  EXPECT_EQ(tree_->Events(name_ + "/out").error().code, Errc::kNotFound);
  EXPECT_EQ(tree_->Processes(name_ + "/out").error().code, Errc::kNotFound);
  EXPECT_TRUE(tree_->Children(name_ + "/out", "").value().empty());
  EXPECT_EQ(tree_->Children(name_, "").value(), std::vector<std::string>{"in"});
}

// A threaded group cannot list processes; whoever closes it so hides none.
TEST_F(Group, ThatIsThreadedHidesNoProcess) {
  std::ofstream(folder_ + "/in/cgroup.type") << "threaded";
  const pid_t child = ::fork();
  if (child == 0) {
    for (;;) ::pause();
  }
  std::ofstream(folder_ + "/cgroup.procs") << child;
  std::ofstream(folder_ + "/in/cgroup.threads") << child;
  const auto inside = tree_->Processes(name_);
  ASSERT_TRUE(inside.has_value()) << inside.error().Text();
  EXPECT_EQ(*inside, std::vector<pid_t>{child});
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
}

TEST(ProcessOf, WhoseFirstThreadEndedIsThere) {
  const pid_t child = ::fork();
  if (child == 0) {
    std::thread([] {
      for (;;) ::pause();
    }).detach();
    ::syscall(SYS_exit, 0);
  }
  std::string state;
  for (int i = 0; i < 100000 && state.find(") Z") == std::string::npos; ++i) {
    std::ifstream file("/proc/" + std::to_string(child) + "/stat");
    std::getline(file, state);
    std::this_thread::yield();
  }
  ASSERT_NE(state.find(") Z"), std::string::npos) << state;
  EXPECT_TRUE(ReadProcess(child).has_value());
  ::kill(child, SIGKILL);
  EXPECT_EQ(::waitpid(child, nullptr, 0), child);
  EXPECT_EQ(ReadProcess(child).error().code, Errc::kNotFound);
}

}  // namespace
}  // namespace curfew
