// SPDX-License-Identifier: Apache-2.0
// Letting go of program text: less is held, and everything still runs and still says what it said.
#include "os/memory.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>

namespace curfew {
namespace {

/// Resident kilobytes of this process that come from files (proc(5), smaps).
long FileBacked() {
  std::ifstream rollup("/proc/self/smaps_rollup");
  std::string word;
  long rss = 0;
  long anonymous = 0;
  while (rollup >> word) {
    if (word == "Rss:") rollup >> rss;
    if (word == "Anonymous:") rollup >> anonymous;
  }
  return rss - anonymous;
}

const char* const kRelocated[] = {"these addresses", "by the loader"};

TEST(Memory, TextIsLetGoOfAndNothingElse) {
  const long before = FileBacked();
  ReleaseIdleMemory();
  EXPECT_LT(FileBacked(), before);
  EXPECT_STREQ(kRelocated[0], "these addresses");
  EXPECT_STREQ(kRelocated[1], "by the loader");
}

}  // namespace
}  // namespace curfew
