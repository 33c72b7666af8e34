// SPDX-License-Identifier: Apache-2.0
// The agents' port: hosts dial in over mutual TLS 1.3 and stay; sealed bytes go down, sealed batches come up. It
// carries and bounds (size, time, count); the Authority decides. One thread: everything here runs on the io_context's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "controller/fleet/authority.h"
#include "controller/identity/tls_context.h"
#include "core/result.h"
#include "core/time.h"

namespace boost::asio {
class io_context;
}

namespace curfew {

struct ListenerSettings {
  std::string address = "::";        ///< numeric; "::" takes IPv4 too
  std::uint16_t port = 7444;         ///< 0 = any free one, see Port()
  std::size_t most_links = 100000;   ///< connections at once, whatever their state
  std::size_t most_unproven = 1024;  ///< connections whose handshake and hello are not done
  Millis hello_limit{10000};         ///< from accept to a complete hello
  Millis idle_limit{300000};         ///< without any frame from the host; its link pings when all is quiet
  Millis write_limit{30000};         ///< for one frame to leave
  std::function<void(const std::string&)>
      log;  ///< one line for each link that was refused or broke a rule; may be empty
};

class AgentListener {
 public:
  /// Binds and starts to accept. `authority` must outlive the listener. kUnavailable when the address cannot be bound.
  [[nodiscard]] static Result<std::unique_ptr<AgentListener>> Open(boost::asio::io_context& io,
                                                                   const ListenerSettings& settings,
                                                                   const TlsIdentity& identity, std::string_view ca,
                                                                   Authority& authority);
  virtual ~AgentListener() = default;

  [[nodiscard]] virtual std::uint16_t Port() const = 0;
  /// Number of links whose hello was taken.
  [[nodiscard]] virtual std::size_t Links() const = 0;
  /// Something new for this host: its link asks OffersFor on a later turn, several pushes at once being one. No link:
  /// nothing.
  virtual void Push(const HostId& host) = 0;
  /// Closes the host's link so that nothing sent and not yet read arrives: for a host that was removed, and for one
  /// that comes back after it was given up (it dials anew and gets the newest only).
  virtual void Drop(const HostId& host) = 0;
  /// Stops accepting and closes all links; the io_context then runs out of work of ours, and only then may this go:
  /// what it made ready refers to it.
  virtual void Stop() = 0;
};

}  // namespace curfew
