// SPDX-License-Identifier: Apache-2.0
// The OpenSSL calls from a draft to a signed certificate.
#include "controller/identity/x509.h"

#include <openssl/bn.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <array>
#include <memory>

namespace curfew {
namespace {

/// Certificates of ours begin here, so that a host whose clock woke up in the past of their making still takes them.
constexpr Instant kNotBefore{Seconds{1577836800}};  // 2020-01-01T00:00:00Z

Failure Broken(const char* step) { return Fail(Errc::kSystem, TakeTlsErrors("OpenSSL failed"), step); }

bool SetSerial(X509* certificate) {
  std::array<unsigned char, 16> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) return false;
  bytes[0] &= 0x7F;  // RFC 5280 4.1.2.2: positive
  bytes[0] |= 0x40;
  const std::unique_ptr<BIGNUM, decltype(&BN_free)> number(
      BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr), &BN_free);
  return number && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr;
}

bool SetName(X509_NAME* name, const std::string& common_name) {
  return X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_UTF8,
                                    reinterpret_cast<const unsigned char*>(common_name.data()),  // NOLINT: bytes
                                    static_cast<int>(common_name.size()), -1, 0) == 1;
}

bool SetTimes(X509* certificate, Instant not_after) {
  return ASN1_TIME_set(X509_getm_notBefore(certificate), UnixSeconds(kNotBefore)) != nullptr &&
         ASN1_TIME_set(X509_getm_notAfter(certificate), UnixSeconds(not_after)) != nullptr;
}

bool AddExtension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context{};
  X509V3_set_ctx(&context, issuer == nullptr ? certificate : issuer, certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> extension(
      X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()), &X509_EXTENSION_free);
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

}  // namespace

Result<Certificate> SignCertificate(const Draft& draft, X509* issuer, EVP_PKEY* issuer_key) {
  Certificate made(X509_new());
  if (!made || X509_set_version(made.get(), X509_VERSION_3) != 1 || !SetSerial(made.get()) ||
      !SetTimes(made.get(), draft.not_after) || X509_set_pubkey(made.get(), draft.key) != 1 ||
      !SetName(X509_get_subject_name(made.get()), draft.common_name)) {
    return Broken("new certificate");
  }
  X509_NAME* signer = X509_get_subject_name(issuer == nullptr ? made.get() : issuer);
  if (X509_set_issuer_name(made.get(), signer) != 1) return Broken("issuer name");
  for (const auto& [nid, value] : draft.extensions) {
    if (!AddExtension(made.get(), issuer, nid, value)) {
      return Fail(Errc::kMalformed, TakeTlsErrors("bad extension"), OBJ_nid2sn(nid), "is this a name or an address?");
    }
  }
  if (X509_sign(made.get(), issuer_key, EVP_sha256()) == 0) return Broken("sign certificate");
  return made;
}

}  // namespace curfew
