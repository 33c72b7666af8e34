// SPDX-License-Identifier: Apache-2.0
// The reaper shares no code with the enforcer: what the one may write the other must read, for what it cannot read it removes.
#include <gtest/gtest.h>

#include "agent/reaper/place.h"
#include "core/host_files.h"
#include "tests/agent/reaper/reaper_world.h"

namespace curfew {
namespace {

TEST(ReaperBounds, ReadsTheLongestFileThatTheEnforcerWrites) { EXPECT_GE(kMostRead, kMostAccessText); }

TEST(ReaperBounds, AFileOfManyLiveRulesStays) {
  ReaperWorld world;
  const std::string block = Block('b', 3600, "#1001 ALL=(root) NOTAFTER=20990101000000Z NOPASSWD: /usr/bin/true " + std::string(4000, 'x'));
  std::string rules;
  while (rules.size() <= std::size_t{17} << 20U) rules += block;
  world.Write(kGrants, rules, 0440);
  EXPECT_EQ(world.Reap(), 0) << world.Said();
  EXPECT_TRUE(world.Read(kGrants) == rules) << "of the " << rules.size() << " bytes " << world.Read(kGrants).size() << " are left";
}

}  // namespace
}  // namespace curfew
