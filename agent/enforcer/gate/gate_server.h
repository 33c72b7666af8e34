// SPDX-License-Identifier: Apache-2.0
// gate.sock: takes one packet from root on each connection, sends one packet back. MUST: wait two seconds at most, keep 256
// connections at most and 32 of one person's, never wait for the other side to read. A sudo can be stopped by who runs it.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <map>
#include <memory>

#include "agent/enforcer/gate/gatekeeper.h"

namespace curfew {

class GateServer {
 public:
  GateServer(boost::asio::io_context& loop, FileDescriptor socket, Gatekeeper& gate, std::function<void()> on_change)
      : loop_(loop), listener_(loop, socket.Release()), gate_(gate), on_change_(std::move(on_change)) {}
  void Start();

 private:
  struct Visit;
  void Accept();
  void Serve(const std::shared_ptr<Visit>& visit);

  boost::asio::io_context& loop_;
  boost::asio::posix::stream_descriptor listener_;
  Gatekeeper& gate_;
  std::function<void()> on_change_;  ///< a session was closed, or one was opened that must end
  std::shared_ptr<const bool> alive_ = std::make_shared<bool>(true);
  int visits_ = 0;
  std::map<uid_t, int> visits_of_;
};

}  // namespace curfew
