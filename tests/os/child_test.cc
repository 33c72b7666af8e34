// SPDX-License-Identifier: Apache-2.0
// Child: what a program gets from us, and how it ends.
#include "os/child.h"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>

#include "os/process.h"

namespace curfew {
namespace {

constexpr Millis kLong{10000};

ChildEnd RunToEnd(const std::vector<std::string>& argv) {
  auto child = Child::Start(argv);
  return child ? child->Wait(kLong) : ChildEnd{-2, false, child.error().Text()};
}

TEST(ChildOf, GivesStatusAndBothOutputs) {
  const ChildEnd end = RunToEnd({"/bin/sh", "-c", "echo out; echo err >&2; exit 7"});
  EXPECT_EQ(end.status, 7);
  EXPECT_EQ(end.output, "out\nerr\n");
  EXPECT_FALSE(end.timed_out);
}

TEST(ChildOf, IsKilledWhenItHangs) {
  auto child = Child::Start({"/bin/sleep", "1000"});
  ASSERT_TRUE(child.has_value());
  const ChildEnd end = child->Wait(Millis{1});
  EXPECT_TRUE(end.timed_out);
  EXPECT_EQ(end.status, 128 + SIGKILL);
}

TEST(ChildOf, InheritsNoVariableAndNoDescriptorOfOurs) {
  ASSERT_EQ(::setenv("CURFEW_TEST_SECRET", "secret", 1), 0);  // NOLINT(concurrency-mt-unsafe): no other thread
  const ChildEnd end = RunToEnd({"/bin/sh", "-c", "env; ls -l /proc/$$/fd"});
  EXPECT_EQ(end.output.find("secret"), std::string::npos) << end.output;
  EXPECT_EQ(end.output.find(" 3 -> "), std::string::npos) << end.output;
  EXPECT_NE(end.output.find("PATH=/usr/sbin:/usr/bin:/sbin:/bin"), std::string::npos) << end.output;
}

TEST(ChildOf, ThatCannotRunSaysWhich) {
  const auto child = Child::Start({"/no/such/program"});
  ASSERT_FALSE(child.has_value());
  EXPECT_EQ(child.error().where, "/no/such/program");
}

TEST(ChildOf, DiesWithItsOwner) {
  pid_t pid = 0;
  {
    auto child = Child::Start({"/bin/sh", "-c", "echo $$; exec sleep 1000"});
    ASSERT_TRUE(child.has_value());
    const auto all = AllProcesses();
    ASSERT_TRUE(all.has_value());
    for (const pid_t one : *all) {
      const auto process = ReadProcess(one);
      if (process && process->parent == ::getpid()) pid = one;
    }
    ASSERT_NE(pid, 0);
  }
  EXPECT_FALSE(ReadProcess(pid).has_value());
}

TEST(ProcessOf, IsNotKilledUnderAnotherStartTime) {
  auto child = Child::Start({"/bin/sleep", "1000"});
  ASSERT_TRUE(child.has_value());
  ProcessFacts found;
  const auto all = AllProcesses();
  ASSERT_TRUE(all.has_value());
  for (const pid_t one : *all) {
    const auto process = ReadProcess(one);
    if (process && process->parent == ::getpid()) found = *process;
  }
  ASSERT_NE(found.pid, 0);
  ProcessFacts later = found;
  ++later.started;
  EXPECT_FALSE(KillProcess(later).value());
  EXPECT_TRUE(ReadProcess(found.pid).has_value());
  EXPECT_TRUE(KillProcess(found).value());
  EXPECT_EQ(child->Wait(kLong).status, 128 + SIGKILL);
}

}  // namespace
}  // namespace curfew
