// SPDX-License-Identifier: Apache-2.0
// SSL_CTX set up once for both ends, and OpenSSL's error queue as one sentence.
#include "os/tls_context.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

namespace curfew {
namespace {

struct FreeBio {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
struct FreeCertificate {
  void operator()(X509* certificate) const { X509_free(certificate); }
};
struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using Bio = std::unique_ptr<BIO, FreeBio>;
using Certificate = std::unique_ptr<X509, FreeCertificate>;
using Key = std::unique_ptr<EVP_PKEY, FreeKey>;

constexpr std::size_t kMostPem = std::size_t{64} << 10U;

Result<Bio> Reader(std::string_view pem, const char* where) {
  if (pem.empty() || pem.size() > kMostPem) return Fail(Errc::kMalformed, "no PEM text, or over 64 KiB", where);
  return Bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

void Restrict(SSL_CTX* context) {
  SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
  SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION);
  // Without tickets and cache there is nothing to resume: a removed host cannot come back on an old session (C4).
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context, 0);
  SSL_CTX_set_max_early_data(context, 0);
  SSL_CTX_set_recv_max_early_data(context, 0);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_read_ahead(context, 0);
}

Result<void> UseCertificate(SSL_CTX* context, std::string_view pem) {
  auto bio = Reader(pem, "certificate");
  if (!bio) return Failure(bio.error());
  const Certificate leaf(PEM_read_bio_X509(bio->get(), nullptr, nullptr, nullptr));
  if (!leaf || SSL_CTX_use_certificate(context, leaf.get()) != 1) {
    return Fail(Errc::kMalformed, TakeTlsErrors("not a certificate"), "certificate");
  }
  while (Certificate issuer{PEM_read_bio_X509(bio->get(), nullptr, nullptr, nullptr)}) {
    if (SSL_CTX_add1_chain_cert(context, issuer.get()) != 1) {
      return Fail(Errc::kMalformed, TakeTlsErrors("bad chain"), "certificate");
    }
  }
  ERR_clear_error();
  return {};
}

Result<void> UseKey(SSL_CTX* context, std::string_view pem) {
  auto bio = Reader(pem, "private key");
  if (!bio) return Failure(bio.error());
  const Key key(PEM_read_bio_PrivateKey(bio->get(), nullptr, nullptr, nullptr));
  if (!key || SSL_CTX_use_PrivateKey(context, key.get()) != 1 || SSL_CTX_check_private_key(context) != 1) {
    return Fail(Errc::kMalformed, TakeTlsErrors("not the key of the certificate"), "private key");
  }
  return {};
}

}  // namespace

void FreeTlsContext::operator()(ssl_ctx_st* context) const { SSL_CTX_free(context); }

Result<TlsContext> NewTlsContext(TlsSide side, std::string_view certificate, std::string_view key) {
  ERR_clear_error();
  TlsContext context(SSL_CTX_new(side == TlsSide::kServer ? TLS_server_method() : TLS_client_method()));
  if (!context) return Fail(Errc::kSystem, TakeTlsErrors("no TLS context"), "TLS");
  Restrict(context.get());
  if (auto used = UseCertificate(context.get(), certificate); !used) return Failure(used.error());
  if (auto used = UseKey(context.get(), key); !used) return Failure(used.error());
  return context;
}

Result<void> TrustOnly(ssl_ctx_st& context, std::string_view ca) {
  auto bio = Reader(ca, "CA certificate");
  if (!bio) return Failure(bio.error());
  const Certificate root(PEM_read_bio_X509(bio->get(), nullptr, nullptr, nullptr));
  if (!root || X509_STORE_add_cert(SSL_CTX_get_cert_store(&context), root.get()) != 1) {
    return Fail(Errc::kMalformed, TakeTlsErrors("not a certificate"), "CA certificate");
  }
  return {};
}

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

}  // namespace curfew
