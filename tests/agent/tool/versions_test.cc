// SPDX-License-Identifier: Apache-2.0
// Another program's words and status come through whole and fit for a message.
#include <gtest/gtest.h>

#include "agent/host_settings/said.h"

namespace curfew::test {
namespace {

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
