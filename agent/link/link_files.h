// SPDX-License-Identifier: Apache-2.0
// The files that the link starts from: agent.toml, link.pem (key and certificate) and the CA that `curfew-agent join` left it.
#pragma once

#include <string>

#include "agent/agent_file.h"
#include "core/result.h"
#include "os/tls_context.h"

namespace curfew {

struct LinkPaths {
  std::string config = "/etc/curfew/agent.toml";
  std::string state = "/var/lib/curfew-link";
  std::string enforcer = "/run/curfew/link.sock";
  [[nodiscard]] static LinkPaths Below(const std::string& root);
};

struct LinkFiles {
  AgentFile agent;
  TlsContext tls;
};

/// kNotFound when this host has not joined; kMalformed when a file is not what it should be.
[[nodiscard]] Result<LinkFiles> ReadLinkFiles(const LinkPaths& paths);

}  // namespace curfew
