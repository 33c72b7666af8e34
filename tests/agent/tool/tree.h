// SPDX-License-Identifier: Apache-2.0
// A small root of a host in a folder that is root's all the way up, gone with the test.
#pragma once

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <string>

#include "agent/paths.h"

namespace curfew::test {

class Tree : public ::testing::Test {
 protected:
  Tree();
  ~Tree() override;

  void Folder(const std::string& path, mode_t mode) const;
  void File(const std::string& path, const std::string& text, mode_t mode) const;
  [[nodiscard]] std::string Text(const std::string& path) const;
  [[nodiscard]] mode_t ModeOf(const std::string& path) const;
  [[nodiscard]] bool Exists(const std::string& path) const;

  Paths paths;
};

}  // namespace curfew::test
