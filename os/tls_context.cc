// SPDX-License-Identifier: Apache-2.0
// SSL_CTX set up once for both ends.
#include "os/tls_context.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "os/pem.h"

namespace curfew {
namespace {

void Restrict(SSL_CTX* context) {
  SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
  SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION);
  // Without tickets and cache there is nothing to resume: a removed host cannot come back on an old session (C4).
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  // Frames carry their length: a connection that just ends between two of them is a close, not an error.
  SSL_CTX_set_options(context, SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context, 0);
  SSL_CTX_set_max_early_data(context, 0);
  SSL_CTX_set_recv_max_early_data(context, 0);
  SSL_CTX_set_mode(context,
                   SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_read_ahead(context, 0);
}

Result<void> UseCertificate(SSL_CTX* context, std::string_view pem) {
  auto chain = CertificatesFromPem(pem);
  if (!chain) return Failure(chain.error());
  bool used = SSL_CTX_use_certificate(context, chain->front().get()) == 1;
  for (std::size_t i = 1; i < chain->size(); ++i)
    used = used && SSL_CTX_add1_chain_cert(context, chain->at(i).get()) == 1;
  if (!used) return Fail(Errc::kMalformed, TakeTlsErrors("it cannot be used"), "certificate");
  return {};
}

Result<void> UseKey(SSL_CTX* context, std::string_view pem) {
  auto key = KeyFromPem(pem);
  if (!key) return Failure(key.error());
  if (SSL_CTX_use_PrivateKey(context, key->get()) != 1 || SSL_CTX_check_private_key(context) != 1) {
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
  // A client that is given no CA trusts nobody; OpenSSL's own default is to trust everybody.
  if (side == TlsSide::kClient) SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  if (auto used = UseCertificate(context.get(), certificate); !used) return Failure(used.error());
  if (auto used = UseKey(context.get(), key); !used) return Failure(used.error());
  return context;
}

Result<void> TrustOnly(ssl_ctx_st& context, std::string_view ca) {
  auto roots = CertificatesFromPem(ca);
  if (!roots) return Failure(roots.error());
  if (X509_STORE_add_cert(SSL_CTX_get_cert_store(&context), roots->front().get()) != 1) {
    return Fail(Errc::kMalformed, TakeTlsErrors("it cannot be used"), "CA certificate");
  }
  return {};
}

}  // namespace curfew
