// SPDX-License-Identifier: Apache-2.0
// The CA's two products: server certificates for names, client certificates for host ids. Subjects in requests are
// ignored.
#include "controller/identity/ca.h"

#include <openssl/x509v3.h>

#include <algorithm>

#include "controller/identity/x509.h"

namespace curfew {
namespace {

constexpr int kLeastRsaBits = 2048;
constexpr std::size_t kMostNames = 64;

bool IsStrongEnough(EVP_PKEY* key) {
  switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_EC:
    case EVP_PKEY_ED25519:
      return EVP_PKEY_get_security_bits(key) >= 128;
    case EVP_PKEY_RSA:
      return EVP_PKEY_get_bits(key) >= kLeastRsaBits;
    default:
      return false;
  }
}

bool IsAddress(const std::string& name) {
  return name.find(':') != std::string::npos ||
         (!name.empty() && name.find_first_not_of("0123456789.") == std::string::npos);
}

bool IsServerName(const std::string& name) {
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:";
  // A comma would start the next entry of OpenSSL's subjectAltName text.
  return !name.empty() && name.size() <= 253 && name.find_first_not_of(kAllowed) == std::string::npos;
}

Result<std::string> AlternativeText(const std::vector<std::string>& names) {
  if (names.empty() || names.size() > kMostNames) return Fail(Errc::kOutOfRange, "1 to 64 names", "server certificate");
  std::string text;
  for (const auto& name : names) {
    if (!IsServerName(name)) return Fail(Errc::kMalformed, "not a DNS name or IP address", Escaped(name),
                                         "give what people and hosts dial: --name, or `names` in controller.toml");
    text += (text.empty() ? "" : ",") + std::string(IsAddress(name) ? "IP:" : "DNS:") + name;
  }
  return text;
}

bool HasExactly(X509* certificate, const std::vector<std::string>& names) {
  const AlternativeNames shown(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  if (!shown || static_cast<std::size_t>(sk_GENERAL_NAME_num(shown.get())) != names.size()) return false;
  return std::all_of(names.begin(), names.end(), [&](const std::string& name) {
    return IsAddress(name) ? X509_check_ip_asc(certificate, name.c_str(), 0) == 1
                           : X509_check_host(certificate, name.data(), name.size(), X509_CHECK_FLAG_NO_WILDCARDS, nullptr) == 1;
  });
}

}  // namespace

Result<void> CheckServerNames(const std::vector<std::string>& names) {
  const auto text = AlternativeText(names);
  if (!text) return Failure(text.error());
  return {};
}

struct CertificateAuthority::Keys {
  Certificate certificate;
  TlsKey key;
  std::string pem;
};

CertificateAuthority::CertificateAuthority(std::unique_ptr<Keys> keys) : keys_(std::move(keys)) {}
CertificateAuthority::CertificateAuthority(CertificateAuthority&&) noexcept = default;
CertificateAuthority& CertificateAuthority::operator=(CertificateAuthority&&) noexcept = default;
CertificateAuthority::~CertificateAuthority() = default;

Result<CertificateAuthority> CertificateAuthority::Create() {
  auto key = NewTlsKey();
  if (!key) return Failure(key.error());
  const Draft draft{"Curfew CA",
                    key->get(),
                    kEndOfTime,
                    {{NID_basic_constraints, "critical,CA:TRUE,pathlen:0"},
                     {NID_key_usage, "critical,keyCertSign,cRLSign"},
                     {NID_subject_key_identifier, "hash"}}};
  auto certificate = SignCertificate(draft, nullptr, key->get());
  if (!certificate) return Failure(certificate.error());
  auto pem = ToPem(certificate->get());
  if (!pem) return Failure(pem.error());
  return CertificateAuthority(std::make_unique<Keys>(Keys{std::move(*certificate), std::move(*key), std::move(*pem)}));
}

Result<CertificateAuthority> CertificateAuthority::Load(const TlsIdentity& pem) {
  auto chain = CertificatesFromPem(pem.certificate);
  if (!chain) return Failure(chain.error());
  Certificate certificate = std::move(chain->front());
  auto key = KeyFromPem(pem.key);
  if (!key) return Failure(key.error());
  if (X509_check_ca(certificate.get()) != 1) return Fail(Errc::kMalformed, "not a CA certificate", "CA");
  if (X509_check_private_key(certificate.get(), key->get()) != 1) {
    return Fail(Errc::kMalformed, "the key is not the certificate's", "CA", "restore both files from the same backup");
  }
  return CertificateAuthority(std::make_unique<Keys>(Keys{std::move(certificate), std::move(*key), pem.certificate}));
}

const std::string& CertificateAuthority::CertificatePem() const { return keys_->pem; }

Result<TlsIdentity> CertificateAuthority::Pem() const {
  auto key = ToPem(keys_->key.get());
  if (!key) return Failure(key.error());
  return TlsIdentity{keys_->pem, std::move(*key)};
}

Result<TlsIdentity> CertificateAuthority::IssueServer(const std::vector<std::string>& names, Instant not_after) const {
  auto alternatives = AlternativeText(names);
  if (!alternatives) return Failure(alternatives.error());
  auto key = NewTlsKey();
  if (!key) return Failure(key.error());
  const Draft draft{"Curfew controller",
                    key->get(),
                    not_after,
                    {{NID_basic_constraints, "critical,CA:FALSE"},
                     {NID_key_usage, "critical,digitalSignature"},
                     {NID_ext_key_usage, "serverAuth"},
                     {NID_subject_alt_name, *alternatives},
                     {NID_authority_key_identifier, "keyid:always"}}};
  auto certificate = SignCertificate(draft, keys_->certificate.get(), keys_->key.get());
  if (!certificate) return Failure(certificate.error());
  auto certificate_pem = ToPem(certificate->get());
  if (!certificate_pem) return Failure(certificate_pem.error());
  auto key_pem = ToPem(key->get());
  if (!key_pem) return Failure(key_pem.error());
  return TlsIdentity{std::move(*certificate_pem), std::move(*key_pem)};
}

bool CertificateAuthority::StillGood(const TlsIdentity& server, const std::vector<std::string>& names, Instant until) const {
  const auto chain = CertificatesFromPem(server.certificate);
  const auto key = KeyFromPem(server.key);
  if (!chain || !key) {
    static_cast<void>(TakeTlsErrors(""));
    return false;
  }
  X509* certificate = chain->front().get();
  const bool ours = X509_verify(certificate, keys_->key.get()) == 1 && X509_check_private_key(certificate, key->get()) == 1;
  const bool lasts = ASN1_TIME_cmp_time_t(X509_get0_notAfter(certificate), UnixSeconds(until)) >= 0;
  return ours && lasts && HasExactly(certificate, names);
}

Result<std::string> CertificateAuthority::IssueHost(std::string_view request, const HostId& host) const {
  auto read = RequestFromPem(request);
  if (!read) return Failure(read.error());
  EVP_PKEY* key = X509_REQ_get0_pubkey(read->get());
  if (!IsStrongEnough(key)) {
    return Fail(Errc::kMalformed, "the key is too weak", "certificate request",
                "use P-256, Ed25519 or RSA of 2048 bits");
  }
  const Draft draft{"Curfew host",
                    key,
                    kEndOfTime,
                    {{NID_basic_constraints, "critical,CA:FALSE"},
                     {NID_key_usage, "critical,digitalSignature"},
                     {NID_ext_key_usage, "clientAuth"},
                     {NID_subject_alt_name, "URI:curfew:host:" + host.Hex()},
                     {NID_authority_key_identifier, "keyid:always"}}};
  auto certificate = SignCertificate(draft, keys_->certificate.get(), keys_->key.get());
  if (!certificate) return Failure(certificate.error());
  return ToPem(certificate->get());
}

}  // namespace curfew
