// SPDX-License-Identifier: Apache-2.0
// agent.toml read for its name and its controller.
#include "agent/tool/own_name.h"

#include "os/directory.h"

namespace curfew {
namespace {

constexpr std::size_t kMostAgentFile = 16384;

}  // namespace

std::optional<AgentFile> ReadJoined(const Paths& paths) {
  const std::string path = paths.Config() + "/agent.toml";
  const auto text = ReadTrustedFile(path, kMostAgentFile);
  if (!text) return std::nullopt;
  auto file = ParseAgentFile(*text, path);
  if (!file) return std::nullopt;
  return *std::move(file);
}

}  // namespace curfew
