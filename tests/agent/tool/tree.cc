// SPDX-License-Identifier: Apache-2.0
// Made below the build folder: /tmp would not do, others can write there.
#include "tests/agent/tool/tree.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace curfew::test {

Tree::Tree() {
  const char* build = std::getenv("CURFEW_BINARY_DIR");
  paths.root = std::string(build == nullptr ? std::filesystem::current_path().string() : build) + "/tree-XXXXXX";
  EXPECT_NE(::mkdtemp(paths.root.data()), nullptr);
  ::chmod(paths.root.c_str(), 0755);
  for (const char* folder : {"/etc", "/run", "/var", "/var/lib"}) Folder(folder, 0755);
}

Tree::~Tree() { std::filesystem::remove_all(paths.root); }

void Tree::Folder(const std::string& path, mode_t mode) const {
  std::filesystem::create_directory(paths.root + path);
  ASSERT_EQ(::chmod((paths.root + path).c_str(), mode), 0) << path;
}

void Tree::File(const std::string& path, const std::string& text, mode_t mode) const {
  std::ofstream(paths.root + path) << text;
  ASSERT_EQ(::chmod((paths.root + path).c_str(), mode), 0) << path;
}

std::string Tree::Text(const std::string& path) const {
  std::ostringstream text;
  text << std::ifstream(paths.root + path).rdbuf();
  return text.str();
}

mode_t Tree::ModeOf(const std::string& path) const {
  struct stat seen {};
  EXPECT_EQ(::lstat((paths.root + path).c_str(), &seen), 0) << path;
  return seen.st_mode & 07777U;
}

bool Tree::Exists(const std::string& path) const { return std::filesystem::exists(paths.root + path); }

}  // namespace curfew::test
