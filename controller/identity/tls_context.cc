// SPDX-License-Identifier: Apache-2.0
// MUST fail the handshake, not merely close later, for a host certificate of another use, of another form or of a host
// that is not enrolled: the refusal then reaches the peer as a TLS alert and nothing was said yet.
#include "controller/identity/tls_context.h"

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "controller/identity/x509.h"
#include "os/pem.h"
#include "os/tls_context.h"

namespace curfew {
namespace {

constexpr std::string_view kHostPrefix = "curfew:host:";

Failure NotOurs(std::string what) { return Fail(Errc::kRefused, std::move(what), "host certificate"); }

/// Exactly one alternative name, and that one ours: a second name could be read by somebody else as the true one.
Result<HostId> HostOf(const X509* certificate) {
  const AlternativeNames names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  if (!names || sk_GENERAL_NAME_num(names.get()) != 1) return NotOurs("it does not name one host");
  const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), 0);
  if (name->type != GEN_URI) return NotOurs("it does not name a host");
  const ASN1_IA5STRING* uri = name->d.uniformResourceIdentifier;
  const std::string_view text(reinterpret_cast<const char*>(ASN1_STRING_get0_data(uri)),  // NOLINT: bytes as text
                              static_cast<std::size_t>(ASN1_STRING_length(uri)));
  if (!text.starts_with(kHostPrefix)) return NotOurs("it does not name a host");
  return HostId::FromHex(text.substr(kHostPrefix.size()));
}

/// OpenSSL lets a certificate without any EKU pass as both; ours always have one.
bool IsForClients(X509* certificate) {
  return (X509_get_extension_flags(certificate) & EXFLAG_XKUSAGE) != 0 &&
         X509_get_extended_key_usage(certificate) == XKU_SSL_CLIENT;
}

Result<ContentHash> KeyOf(const X509* certificate) {
  ContentHash::Bytes hash{};
  if (X509_pubkey_digest(certificate, EVP_sha256(), hash.data(), nullptr) != 1) {
    return Fail(Errc::kSystem, TakeTlsErrors("its key cannot be read"), "host certificate");
  }
  return ContentHash(hash);
}

int JudgeHost(X509* certificate, const LinkCheck& may_link) {
  if (!IsForClients(certificate)) return X509_V_ERR_INVALID_PURPOSE;
  const auto host = HostOf(certificate);
  if (!host) return X509_V_ERR_HOSTNAME_MISMATCH;
  const auto key = KeyOf(certificate);
  return key && may_link(*host, *key) ? X509_V_OK : X509_V_ERR_CERT_REVOKED;
}

int OnCertificate(int preverified, X509_STORE_CTX* store) noexcept {
  if (preverified != 1 || X509_STORE_CTX_get_error_depth(store) != 0) return preverified;
  try {
    const auto* session = static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
    const auto* may_link = static_cast<const LinkCheck*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(session), 0));
    const int verdict = JudgeHost(X509_STORE_CTX_get_current_cert(store), *may_link);
    if (verdict == X509_V_OK) return 1;
    X509_STORE_CTX_set_error(store, verdict);
  } catch (...) {
    X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION);
  }
  return 0;
}

}  // namespace

struct ServerTls::Settings {
  TlsContext context;
  LinkCheck may_link;
};

ServerTls::ServerTls(std::unique_ptr<Settings> settings) : settings_(std::move(settings)) {}
ServerTls::ServerTls(ServerTls&&) noexcept = default;
ServerTls& ServerTls::operator=(ServerTls&&) noexcept = default;
ServerTls::~ServerTls() = default;

ssl_ctx_st* ServerTls::Native() const { return settings_->context.get(); }

Result<void> ServerTls::Show(const TlsIdentity& identity) {
  auto chain = CertificatesFromPem(identity.certificate);
  if (!chain) return Failure(chain.error());
  auto key = KeyFromPem(identity.key);
  if (!key) return Failure(key.error());
  if (SSL_CTX_use_cert_and_key(Native(), chain->front().get(), key->get(), nullptr, 1) != 1) {
    return Fail(Errc::kMalformed, TakeTlsErrors("it cannot be used"), "server certificate");
  }
  return {};
}

Result<ServerTls> ServerTls::ForPeople(const TlsIdentity& identity) {
  auto context = NewTlsContext(TlsSide::kServer, identity.certificate, identity.key);
  if (!context) return Failure(context.error());
  return ServerTls(std::make_unique<Settings>(Settings{std::move(*context), {}}));
}

Result<ServerTls> ServerTls::ForAgents(const TlsIdentity& identity, std::string_view ca, LinkCheck may_link) {
  auto context = NewTlsContext(TlsSide::kServer, identity.certificate, identity.key);
  if (!context) return Failure(context.error());
  if (auto trusted = TrustOnly(**context, ca); !trusted) return Failure(trusted.error());
  auto settings = std::make_unique<Settings>(Settings{std::move(*context), std::move(may_link)});
  if (SSL_CTX_set_ex_data(settings->context.get(), 0, &settings->may_link) != 1) {
    return Fail(Errc::kSystem, TakeTlsErrors("no room"), "TLS");
  }
  SSL_CTX_set_verify(settings->context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, &OnCertificate);
  return ServerTls(std::move(settings));
}

Result<LinkPeer> PeerOf(const ssl_st* session) {
  const X509* certificate = SSL_get0_peer_certificate(session);
  if (certificate == nullptr || SSL_get_verify_result(session) != X509_V_OK) return NotOurs("none that was verified");
  const auto host = HostOf(certificate);
  if (!host) return Failure(host.error());
  const auto key = KeyOf(certificate);
  if (!key) return Failure(key.error());
  return LinkPeer{*host, *key};
}

Result<ContentHash> LinkKeyIn(std::string_view certificate) {
  const auto chain = CertificatesFromPem(certificate);
  if (!chain) return Failure(chain.error());
  return KeyOf(chain->front().get());
}

}  // namespace curfew
