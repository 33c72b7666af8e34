// SPDX-License-Identifier: Apache-2.0
// How the loop writes: a disk that does not answer holds up nothing but itself, and what is undone is not written again at once.
#include <gtest/gtest.h>

#include <boost/asio/executor_work_guard.hpp>
#include <filesystem>
#include <fstream>
#include <future>
#include <sstream>

#include "agent/enforcer/turn/managed_file.h"
#include "agent/enforcer/turn/pace.h"
#include "tests/agent/enforcer/controller.h"

namespace curfew::test {
namespace {

TEST(ManagedFile, IsWrittenBesideTheLoop) {
  std::string root = "/run/curfew-writing-XXXXXX";
  ASSERT_NE(::mkdtemp(root.data()), nullptr);
  std::filesystem::create_directories(root + "/var/lib/curfew");
  for (const char* folder : {"", "/var", "/var/lib", "/var/lib/curfew"}) {
    std::filesystem::permissions(root + folder, std::filesystem::perms(0755));
  }
  const std::string path = root + "/var/lib/curfew/managed";
  const std::vector<Gated> list{Gated{Account("games"), 5, Gate{true, true}}};
  boost::asio::io_context io;
  const auto work = boost::asio::make_work_guard(io);
  const Ground ground(Paths{root});
  std::promise<void> disk_answers;
  {
    Worker disk(io);
    disk.Ask([wait = disk_answers.get_future().share()] { wait.wait(); return 0; }, [](int) {});
    ManagedFile managed(disk, ground);
    std::string said = "nothing";
    managed.Write(list, false, [&](const Result<void>& wrote) { said = wrote ? "written" : wrote.error().Text(); });
    EXPECT_TRUE(managed.IsWriting());
    EXPECT_FALSE(std::filesystem::exists(path)) << "the loop itself has written it";
    disk_answers.set_value();
    while (managed.IsWriting() && io.run_one_for(std::chrono::seconds(10)) > 0) {
    }
    EXPECT_EQ(said, "written");
    EXPECT_TRUE(managed.HasWritten(list));
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    EXPECT_EQ(text.str(), "games 5 both\n");
  }
  std::filesystem::remove_all(root);
}

TEST(Pace, TheSameTextAThirdTimeWaits) {
  Pace pace;
  const BootInstant now{Seconds{100}};
  EXPECT_TRUE(pace.MayWrite("grants", "a", now));
  EXPECT_TRUE(pace.MayWrite("keys/games", "a", now)) << "another file";
  EXPECT_TRUE(pace.MayWrite("grants", "a", now + Millis{500})) << "a repair at once";
  EXPECT_FALSE(pace.MayWrite("grants", "a", now + Millis{999}));
  EXPECT_TRUE(pace.MayWrite("grants", "b", now + Millis{999})) << "what is new waits for nothing";
  EXPECT_TRUE(pace.MayWrite("grants", "a", now + Millis{999})) << "and takes the place of the last";
  EXPECT_TRUE(pace.MayWrite("grants", "a", now + Millis{2000}));
}

}  // namespace
}  // namespace curfew::test
