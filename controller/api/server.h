// SPDX-License-Identifier: Apache-2.0
// The API's port: HTTP over TLS 1.3. It bounds size, time and number of everything; the Api decides. One thread, the
// io_context's, but for password hashes, which a few workers compute.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "controller/identity/tls_context.h"
#include "core/names.h"
#include "core/result.h"
#include "core/time.h"

namespace boost::asio {
class io_context;
}

namespace curfew {

class Api;

struct ApiServerSettings {
  std::string address = "::";      ///< numeric; "::" takes IPv4 too
  std::uint16_t port = 7443;       ///< 0 = any free one, see Port()
  std::size_t most_proven = 2000;  ///< connections of people whose login was accepted
  std::size_t most_of_person = 64;
  std::size_t most_unproven = 256;  ///< all others
  std::size_t most_of_network = 64;
  std::size_t most_body = std::size_t{64} << 10U;
  Millis exchange_limit{30000};  ///< to read one question, idle time included, and to write its answer
};

class ApiServer {
 public:
  /// Binds and starts to accept. `api` and `tls` must outlive it. kUnavailable when the address cannot be bound.
  [[nodiscard]] static Result<std::unique_ptr<ApiServer>> Open(boost::asio::io_context& io,
                                                               const ApiServerSettings& settings, const ServerTls& tls,
                                                               Api& api);
  virtual ~ApiServer() = default;
  [[nodiscard]] virtual std::uint16_t Port() const = 0;
  /// Wakes whoever waits for this request.
  virtual void RequestChanged(const RequestId& request) = 0;
  /// Wakes all who wait, whichever request it is for.
  virtual void AnythingChanged() = 0;
  /// Stops accepting and closes what is open.
  virtual void Stop() = 0;
};

}  // namespace curfew
