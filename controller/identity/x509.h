// SPDX-License-Identifier: Apache-2.0
// OpenSSL's X.509 objects as owned values, and the few steps that making a certificate repeats. For .cc files only.
#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <string>
#include <string_view>

#include "core/result.h"
#include "core/time.h"

namespace curfew {

struct FreeX509 {
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(X509_REQ* request) const { X509_REQ_free(request); }
  void operator()(X509_NAME* name) const { X509_NAME_free(name); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using Certificate = std::unique_ptr<X509, FreeX509>;
using CertificateRequest = std::unique_ptr<X509_REQ, FreeX509>;
using TlsKey = std::unique_ptr<EVP_PKEY, FreeX509>;

/// A new P-256 key: small, fast, and known to every TLS 1.3 stack.
[[nodiscard]] Result<TlsKey> NewTlsKey();

/// One certificate to be: subject, whose key, and extensions as OpenSSL's configuration words ("basicConstraints" …).
struct Draft {
  std::string common_name;
  EVP_PKEY* key = nullptr;
  Instant not_after = kEndOfTime;
  std::vector<std::pair<int, std::string>> extensions;  ///< NID and value
};

/// Signs a draft; `issuer` null makes it self-signed.
[[nodiscard]] Result<Certificate> SignCertificate(const Draft& draft, X509* issuer, EVP_PKEY* issuer_key);

[[nodiscard]] Result<std::string> ToPem(X509* certificate);
[[nodiscard]] Result<std::string> ToPem(EVP_PKEY* key);
[[nodiscard]] Result<Certificate> CertificateFromPem(std::string_view pem);
[[nodiscard]] Result<TlsKey> KeyFromPem(std::string_view pem);
/// The request, its own signature checked.
[[nodiscard]] Result<CertificateRequest> RequestFromPem(std::string_view pem);

}  // namespace curfew
