// SPDX-License-Identifier: Apache-2.0
// D12 for the reaper: what is planted in the place of a file is removed and not followed; a directory that somebody else
// can write is not entered, and stops nothing else.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "tests/agent/reaper/reaper_world.h"

namespace curfew {
namespace {

const std::string kRule = "#1001 ALL=(root) NOTAFTER=20990101000000Z NOPASSWD: ALL";

TEST(ReaperPlaces, APlantedLinkIsRemovedAndNotFollowed) {
  ReaperWorld world;
  world.Write("elsewhere", Block('a', -1, kRule), 0644);
  std::filesystem::create_symlink(world.Path("elsewhere"), world.Path(kGrants));
  EXPECT_EQ(world.Reap(), 1);
  EXPECT_EQ(world.Read("elsewhere"), Block('a', -1, kRule));
  EXPECT_FALSE(std::filesystem::is_symlink(world.Path(kGrants)));
  EXPECT_NE(world.Said().find("/run/curfew/sudoers.d/grants"), std::string::npos) << world.Said();
}

TEST(ReaperPlaces, AFileThatIsNotRootsAloneIsRemoved) {
  for (const char* what : {"owner", "group", "others", "fifo"}) {
    ReaperWorld world;
    world.Write(kDevKeys, Block('a', 3600, "ssh-ed25519 AAAA"), 0644);
    const std::string path = world.Path(kDevKeys);
    if (what == std::string("owner")) {
      ASSERT_EQ(chown(path.c_str(), 65534, 0), 0);
    }
    if (what == std::string("group")) {
      ASSERT_EQ(chmod(path.c_str(), 0664), 0);
    }
    if (what == std::string("others")) {
      ASSERT_EQ(chmod(path.c_str(), 0646), 0);
    }
    if (what == std::string("fifo")) {
      ASSERT_EQ(unlink(path.c_str()), 0);
      ASSERT_EQ(mkfifo(path.c_str(), 0644), 0);
    }
    EXPECT_EQ(world.Reap(), 1) << what;
    EXPECT_FALSE(std::filesystem::exists(path)) << what;
  }
}

TEST(ReaperPlaces, ADirectoryInAFilesPlaceIsReported) {
  ReaperWorld world;
  std::filesystem::create_directory(world.Path(kGrants));
  EXPECT_EQ(world.Reap(), 1);
  EXPECT_NE(world.Said().find("by hand"), std::string::npos) << world.Said();
}

TEST(ReaperPlaces, ADirectoryThatOthersCanWriteIsNotEntered) {
  for (const char* which : {"run/curfew/keys", "run/curfew/sudoers.d"}) {
    const bool keys = which == std::string("run/curfew/keys");
    ReaperWorld world;
    world.Write(kGrants, Block('a', -1, kRule), 0440);
    world.Write(kDevKeys, Block('a', -1, "ssh-ed25519 AAAA"), 0644);
    ASSERT_EQ(chmod(world.Path(which).c_str(), 0777), 0);
    EXPECT_EQ(world.Reap(), 1);
    EXPECT_EQ(world.Read(keys ? kGrants : kDevKeys), "") << "the other directory is done all the same";
    EXPECT_EQ(world.Read(keys ? kDevKeys : kGrants), Block('a', -1, keys ? "ssh-ed25519 AAAA" : kRule));
    EXPECT_NE(world.Said().find(which), std::string::npos) << world.Said();
  }
}

TEST(ReaperPlaces, ALinkInADirectorysPlaceIsNotEntered) {
  for (const char* which : {"run/curfew/keys", "run/curfew", "run"}) {
    ReaperWorld world;
    world.Write(kDevKeys, Block('a', -1, "ssh-ed25519 AAAA"), 0644);
    std::filesystem::rename(world.Path(which), world.Path("moved"));
    std::filesystem::create_symlink(world.Path("moved"), world.Path(which));
    EXPECT_EQ(world.Reap(), 1) << which;
    EXPECT_EQ(world.Read(kDevKeys), Block('a', -1, "ssh-ed25519 AAAA")) << which;
  }
}

// A full tmpfs must not keep a rule alive: without room for the shorter text the file goes.
TEST(ReaperPlaces, WhatCannotBeRewrittenIsRemoved) {
  ReaperWorld world;
  world.Write(kGrants, Block('a', -1, kRule) + Block('b', 60, kRule), 0440);
  std::filesystem::create_directory(world.Path("run/curfew/sudoers.d/.new.reaper"));
  EXPECT_EQ(world.Reap(), 1);
  EXPECT_EQ(world.Read(kGrants), "(none)");
}

TEST(ReaperPlaces, ManyAccountsAreAllReaped) {
  ReaperWorld world;
  for (int i = 0; i < 1000; ++i) {
    world.Write("run/curfew/keys/dev" + std::to_string(i), Block('a', i % 2 == 0 ? -1 : 3600, "ssh-ed25519 AAAA"), 0644);
  }
  EXPECT_EQ(world.Reap(), 0);
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(world.Read("run/curfew/keys/dev" + std::to_string(i)).empty(), i % 2 == 0) << i;
  }
}

}  // namespace
}  // namespace curfew
