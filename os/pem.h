// SPDX-License-Identifier: Apache-2.0
// Keys, certificates and requests as OpenSSL holds them, owned, and as PEM text, bounded. For .cc files only.
#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace curfew {

struct FreeX509 {
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(X509_REQ* request) const { X509_REQ_free(request); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using Certificate = std::unique_ptr<X509, FreeX509>;
using CertificateRequest = std::unique_ptr<X509_REQ, FreeX509>;
using TlsKey = std::unique_ptr<EVP_PKEY, FreeX509>;

/// A new P-256 key: small, fast, and known to every TLS 1.3 stack.
[[nodiscard]] Result<TlsKey> NewTlsKey();
/// A request signed with `key`; its subject says nothing, who signs it decides what it becomes.
[[nodiscard]] Result<std::string> NewRequestPem(EVP_PKEY* key);

[[nodiscard]] Result<std::string> ToPem(X509* certificate);
/// PKCS#8 without a passphrase: a secret.
[[nodiscard]] Result<std::string> ToPem(EVP_PKEY* key);

/// One to eight certificates, the leaf first.
[[nodiscard]] Result<std::vector<Certificate>> CertificatesFromPem(std::string_view pem);
[[nodiscard]] Result<TlsKey> KeyFromPem(std::string_view pem);
/// The request, its own signature checked.
[[nodiscard]] Result<CertificateRequest> RequestFromPem(std::string_view pem);

/// What OpenSSL's error queue of this thread says, emptied by reading; `fallback` when it is empty.
[[nodiscard]] std::string TakeTlsErrors(std::string_view fallback);

}  // namespace curfew
