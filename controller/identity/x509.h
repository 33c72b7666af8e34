// SPDX-License-Identifier: Apache-2.0
// Making one certificate with OpenSSL. For .cc files only.
#pragma once

#include <openssl/x509v3.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/result.h"
#include "core/time.h"
#include "os/pem.h"

namespace curfew {

/// One certificate to be: subject, whose key, and extensions as OpenSSL's configuration words ("basicConstraints" …).
struct Draft {
  std::string common_name;
  EVP_PKEY* key = nullptr;
  Instant not_after = kEndOfTime;
  std::vector<std::pair<int, std::string>> extensions;  ///< NID and value
};

struct FreeNames {
  void operator()(GENERAL_NAMES* names) const { GENERAL_NAMES_free(names); }
};
/// The alternative names of a certificate.
using AlternativeNames = std::unique_ptr<GENERAL_NAMES, FreeNames>;

/// Signs a draft; `issuer` null makes it self-signed.
[[nodiscard]] Result<Certificate> SignCertificate(const Draft& draft, X509* issuer, EVP_PKEY* issuer_key);

}  // namespace curfew
