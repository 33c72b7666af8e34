// SPDX-License-Identifier: Apache-2.0
// What is said when a host enrols, as JSON text, and the controller's answer, checked before a byte of it is kept.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent/agent_file.h"
#include "agent/tool/host_keys.h"
#include "core/names.h"
#include "core/trust.h"

namespace curfew {

struct EnrolmentRequest {
  HostName name;
  std::string token;    ///< a secret
  std::string request;  ///< PEM PKCS#10 of the link's key
};

/// The answer, every part of it read.
struct Enrolment {
  std::string certificate;  ///< PEM, for the link's key
  std::string ca;           ///< PEM
  Endpoint agents;
  Role root;
  std::string roles;  ///< sealed role table
};

/// The body of POST /v1/enroll; the identity key signs it, so that nobody takes over a host by naming its public key.
[[nodiscard]] Result<std::string> WriteEnrolment(const EnrolmentRequest& request, const HostKeys& keys);

/// kRefused unless it is about `host`, the certificate fits `link_key` (PEM), and the root keys really signed the
/// roles.
[[nodiscard]] Result<Enrolment> ReadEnrolment(std::string_view body, const HostId& host, const std::string& link_key);

/// "title: detail; hint" of a problem+json answer, plain text, or the status when it is none.
[[nodiscard]] std::string ProblemText(long status, std::string_view body);

/// trusted_root.json: {"host_id", "owner", "root_keys", "root_threshold"}. The owner names what is durable here under this root: MUST
/// stay as it is when the controller's root keys change.
[[nodiscard]] std::string RenderTrustedRoot(const HostId& host, const Role& root);

}  // namespace curfew
