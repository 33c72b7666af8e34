// SPDX-License-Identifier: Apache-2.0
// OpenSSL contexts as both ends use them: TLS 1.3 only, buffers released when idle, no tickets, no resumption, no early
// data, no renegotiation, nothing trusted but the one CA given. Certificates and keys come as PEM text, not as paths.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/result.h"

struct ssl_ctx_st;
struct ssl_st;

namespace curfew {

enum class TlsSide { kServer, kClient };

struct FreeTlsContext {
  void operator()(ssl_ctx_st* context) const;
};
using TlsContext = std::unique_ptr<ssl_ctx_st, FreeTlsContext>;

/// A context that shows `certificate` (PEM, chain allowed) and holds its `key` (PEM); kMalformed when they do not
/// belong together. A client always verifies its server, a server nobody until it is told to.
[[nodiscard]] Result<TlsContext> NewTlsContext(TlsSide side, std::string_view certificate, std::string_view key);

/// The peer must show a certificate that this CA (PEM) signed; no other root counts, the system's neither.
[[nodiscard]] Result<void> TrustOnly(ssl_ctx_st& context, std::string_view ca);

}  // namespace curfew
