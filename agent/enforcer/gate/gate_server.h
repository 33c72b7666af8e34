// SPDX-License-Identifier: Apache-2.0
// gate.sock: takes one packet from root on each connection, sends one packet back. MUST: wait two seconds at most, keep 256
// connections at most, never wait for the other side to read.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include "agent/enforcer/gate/gatekeeper.h"

namespace curfew {

class GateServer {
 public:
  GateServer(boost::asio::io_context& loop, FileDescriptor socket, Gatekeeper& gate, std::function<void()> on_end)
      : loop_(loop), listener_(loop, socket.Release()), gate_(gate), on_end_(std::move(on_end)) {}
  void Start();

 private:
  struct Visit;
  void Accept();
  void Serve(const std::shared_ptr<Visit>& visit);

  boost::asio::io_context& loop_;
  boost::asio::posix::stream_descriptor listener_;
  Gatekeeper& gate_;
  std::function<void()> on_end_;
  int visits_ = 0;
};

}  // namespace curfew
