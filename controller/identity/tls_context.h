// SPDX-License-Identifier: Apache-2.0
// TLS settings of the controller's two ports: TLS 1.3 only, no tickets, no resumption, no early data. On the agents'
// port a client certificate of our CA, for client use, that names an enrolled host is a condition of the handshake.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "controller/identity/ca.h"
#include "core/names.h"
#include "core/result.h"

struct ssl_ctx_st;  // OpenSSL's SSL_CTX, so that this header brings none of it
struct ssl_st;      // OpenSSL's SSL

namespace curfew {

/// Asked in the middle of a handshake, when the certificate itself is good: may this key speak for this host?
using LinkCheck = std::function<bool(const HostId&, const ContentHash& key)>;

class ServerTls {
 public:
  /// For people and tools: no client certificate is asked for.
  [[nodiscard]] static Result<ServerTls> ForPeople(const TlsIdentity& identity);
  /// For agents: only certificates signed by `ca` (PEM), and only hosts and keys that `may_link` says yes to.
  [[nodiscard]] static Result<ServerTls> ForAgents(const TlsIdentity& identity, std::string_view ca, LinkCheck may_link);
  ServerTls(ServerTls&&) noexcept;
  ServerTls& operator=(ServerTls&&) noexcept;
  ServerTls(const ServerTls&) = delete;
  ServerTls& operator=(const ServerTls&) = delete;
  ~ServerTls();

  /// Shows another certificate to whoever connects from now on.
  [[nodiscard]] Result<void> Show(const TlsIdentity& identity);
  /// Borrowed; SSL_CTX_up_ref it for an asio::ssl::context.
  [[nodiscard]] ssl_ctx_st* Native() const;

 private:
  struct Settings;
  explicit ServerTls(std::unique_ptr<Settings> settings);
  std::unique_ptr<Settings> settings_;
};

/// Who speaks at the other end of a link.
struct LinkPeer {
  HostId host;
  ContentHash key;
};

/// Whom the peer's verified certificate names, and its key; kRefused when there is no verified certificate.
[[nodiscard]] Result<LinkPeer> PeerOf(const ssl_st* session);

/// SHA-256 of the public key in a certificate (PEM), as a LinkCheck is asked about it.
[[nodiscard]] Result<ContentHash> LinkKeyIn(std::string_view certificate);

}  // namespace curfew
