// SPDX-License-Identifier: Apache-2.0
// /etc/curfew/agent.toml: which host this is and where its controller is. Written by `curfew-agent join`; holds no
// secret.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/names.h"
#include "core/result.h"

namespace curfew {

/// Where the agents' port is; the certificate there must name `host`.
struct Endpoint {
  std::string host;
  std::uint16_t port = 0;
  bool operator==(const Endpoint&) const = default;
};

/// "name:port", "192.0.2.1:port" or "[2001:db8::1]:port".
[[nodiscard]] Result<Endpoint> ParseEndpoint(std::string_view text);
[[nodiscard]] std::string FormatEndpoint(const Endpoint& endpoint);

struct AgentFile {
  HostId host;
  HostName name;
  std::string controller;  ///< URL of the API, for people's messages
  Endpoint agents;
  bool operator==(const AgentFile&) const = default;
};

/// Keys of others (the enforcer's) are passed over; a missing or bad one of ours is an error with line and column.
[[nodiscard]] Result<AgentFile> ParseAgentFile(std::string_view text, const std::string& path);
[[nodiscard]] std::string RenderAgentFile(const AgentFile& file);

}  // namespace curfew
