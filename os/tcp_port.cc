// SPDX-License-Identifier: Apache-2.0
// bind(2) and listen(2) by Asio.
#include "os/tcp_port.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/v6_only.hpp>

namespace curfew {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

std::string WhatToDo(const boost::system::error_code& failed, std::uint16_t port) {
  if (failed == asio::error::address_in_use) {
    return "another program has that port (another controller?): ss -ltnp 'sport = :" + std::to_string(port) + "'";
  }
  if (failed == asio::error::access_denied) return "take a port above 1023";
  return "give an address of this machine, or 0.0.0.0 or [::] for all of them";
}

}  // namespace

Result<tcp::acceptor> ListenOnPort(asio::io_context& io, const std::string& address, std::uint16_t port) {
  boost::system::error_code failed;
  const auto numeric = asio::ip::make_address(address, failed);
  const std::string where = (numeric.is_v6() ? "[" + address + "]" : address) + ":" + std::to_string(port);
  if (failed)
    return Fail(Errc::kMalformed, "not a numeric address", where, "write 0.0.0.0, [::] or an address of this machine");
  tcp::endpoint endpoint(numeric, port);
  tcp::acceptor acceptor(io);
  acceptor.open(endpoint.protocol(), failed);
  if (failed && numeric == asio::ip::address_v6::any()) {  // a kernel without IPv6
    endpoint = tcp::endpoint(asio::ip::address_v4::any(), port);
    acceptor.open(endpoint.protocol(), failed);
  }
  if (!failed) acceptor.set_option(tcp::acceptor::reuse_address(true), failed);
  if (!failed && endpoint.address().is_v6()) acceptor.set_option(asio::ip::v6_only(false), failed);
  if (!failed) acceptor.bind(endpoint, failed);
  if (!failed) acceptor.listen(tcp::acceptor::max_listen_connections, failed);
  if (failed) return Fail(Errc::kUnavailable, "cannot listen: " + failed.message(), where, WhatToDo(failed, port));
  return acceptor;
}

}  // namespace curfew
