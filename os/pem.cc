// SPDX-License-Identifier: Apache-2.0
// PEM in and out, and OpenSSL's error queue as one sentence.
#include "os/pem.h"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>

namespace curfew {
namespace {

struct FreeBio {
  void operator()(BIO* bio) const { BIO_free_all(bio); }
};
using Bio = std::unique_ptr<BIO, FreeBio>;

constexpr std::size_t kMostPem = std::size_t{64} << 10U;
constexpr std::size_t kMostChain = 8;

Failure Broken(const char* step) { return Fail(Errc::kSystem, TakeTlsErrors("OpenSSL failed"), step); }

Result<Bio> Reader(std::string_view pem, const char* where) {
  ERR_clear_error();
  if (pem.empty() || pem.size() > kMostPem) return Fail(Errc::kMalformed, "no PEM text, or over 64 KiB", where);
  return Bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

std::string TextOf(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_ctrl(bio, BIO_CTRL_INFO, 0, static_cast<void*>(&data));
  return {data, static_cast<std::size_t>(size)};
}

}  // namespace

std::string TakeTlsErrors(std::string_view fallback) {
  std::string text;
  while (const unsigned long code = ERR_get_error()) {
    const char* reason = ERR_reason_error_string(code);
    if (reason == nullptr) continue;
    if (!text.empty()) text += ", ";
    text += reason;
  }
  return text.empty() ? std::string(fallback) : text;
}

Result<TlsKey> NewTlsKey() {
  TlsKey key(EVP_EC_gen("P-256"));
  if (!key) return Broken("new key");
  return key;
}

Result<std::string> NewRequestPem(EVP_PKEY* key) {
  const CertificateRequest request(X509_REQ_new());
  const Bio bio(BIO_new(BIO_s_mem()));
  if (!request || !bio || X509_REQ_set_version(request.get(), X509_REQ_VERSION_1) != 1 ||
      X509_REQ_set_pubkey(request.get(), key) != 1 || X509_REQ_sign(request.get(), key, EVP_sha256()) == 0 ||
      PEM_write_bio_X509_REQ(bio.get(), request.get()) != 1) {
    return Broken("certificate request");
  }
  return TextOf(bio.get());
}

Result<std::string> ToPem(X509* certificate) {
  const Bio bio(BIO_new(BIO_s_mem()));
  if (!bio || PEM_write_bio_X509(bio.get(), certificate) != 1) return Broken("write certificate");
  return TextOf(bio.get());
}

Result<std::string> ToPem(EVP_PKEY* key) {
  const Bio bio(BIO_new(BIO_s_secmem()));
  if (!bio || PEM_write_bio_PKCS8PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    return Broken("write key");
  }
  return TextOf(bio.get());
}

Result<std::vector<Certificate>> CertificatesFromPem(std::string_view pem) {
  auto bio = Reader(pem, "certificate");
  if (!bio) return Failure(bio.error());
  std::vector<Certificate> chain;
  while (chain.size() < kMostChain) {
    Certificate next(PEM_read_bio_X509(bio->get(), nullptr, nullptr, nullptr));
    if (!next) break;
    chain.push_back(std::move(next));
  }
  const std::string why = TakeTlsErrors("not a certificate");
  if (chain.empty()) return Fail(Errc::kMalformed, why, "certificate");
  return chain;
}

Result<TlsKey> KeyFromPem(std::string_view pem) {
  auto bio = Reader(pem, "private key");
  if (!bio) return Failure(bio.error());
  TlsKey read(PEM_read_bio_PrivateKey(bio->get(), nullptr, nullptr, nullptr));
  if (!read) return Fail(Errc::kMalformed, TakeTlsErrors("not a private key"), "private key");
  return read;
}

Result<CertificateRequest> RequestFromPem(std::string_view pem) {
  auto bio = Reader(pem, "certificate request");
  if (!bio) return Failure(bio.error());
  CertificateRequest read(PEM_read_bio_X509_REQ(bio->get(), nullptr, nullptr, nullptr));
  if (!read) return Fail(Errc::kMalformed, TakeTlsErrors("not PEM PKCS#10"), "certificate request");
  if (X509_REQ_verify(read.get(), X509_REQ_get0_pubkey(read.get())) != 1) {
    ERR_clear_error();
    return Fail(Errc::kMalformed, "its signature does not hold", "certificate request");
  }
  return read;
}

}  // namespace curfew
