// SPDX-License-Identifier: Apache-2.0
// The CA's own signing function with a draft of the test's.
#include "tests/controller/fleet/forger.h"

#include <openssl/x509v3.h>

#include "controller/identity/x509.h"

namespace curfew::test {
namespace {

TlsIdentity Sign(const Forged& wanted, X509* issuer, EVP_PKEY* issuer_key) {
  const auto key = NewTlsKey().value();
  Draft draft{"forged", key.get(), wanted.not_after, {}};
  if (!wanted.usage.empty()) draft.extensions.emplace_back(NID_ext_key_usage, wanted.usage);
  if (!wanted.name.empty()) draft.extensions.emplace_back(NID_subject_alt_name, wanted.name);
  const auto made = SignCertificate(draft, issuer, issuer == nullptr ? key.get() : issuer_key).value();
  return {ToPem(made.get()).value(), ToPem(key.get()).value()};
}

}  // namespace

TlsIdentity Forge(const CertificateAuthority& ca, const Forged& wanted) {
  const auto pem = ca.Pem().value();
  const auto issuer = std::move(CertificatesFromPem(pem.certificate).value().front());
  const auto issuer_key = KeyFromPem(pem.key).value();
  return Sign(wanted, issuer.get(), issuer_key.get());
}

TlsIdentity ForgeAlone(const Forged& wanted) { return Sign(wanted, nullptr, nullptr); }

}  // namespace curfew::test
