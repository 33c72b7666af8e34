// SPDX-License-Identifier: Apache-2.0
// Certificates that are right in all but what a test makes wrong.
#pragma once

#include <string>

#include "controller/identity/ca.h"

namespace curfew::test {

struct Forged {
  std::string name;   ///< subjectAltName in OpenSSL's words; empty: none
  std::string usage;  ///< extendedKeyUsage; empty: none
  Instant not_after = kEndOfTime;
};

/// Signed by `ca`.
[[nodiscard]] TlsIdentity Forge(const CertificateAuthority& ca, const Forged& wanted);
/// Signed by itself.
[[nodiscard]] TlsIdentity ForgeAlone(const Forged& wanted);

}  // namespace curfew::test
