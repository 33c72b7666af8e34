// SPDX-License-Identifier: Apache-2.0
// A TCP port of this machine, to accept at.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <string>

#include "core/result.h"

namespace curfew {

/// Binds and listens. `address` is numeric; "::" takes IPv4 too, also on a kernel without IPv6. Port 0 = any free one.
/// kMalformed for another address, kUnavailable when it cannot be had.
[[nodiscard]] Result<boost::asio::ip::tcp::acceptor> ListenOnPort(boost::asio::io_context& io,
                                                                  const std::string& address, std::uint16_t port);

}  // namespace curfew
