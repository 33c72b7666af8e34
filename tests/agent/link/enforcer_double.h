// SPDX-License-Identifier: Apache-2.0
// The enforcer's end of link.sock without an enforcer behind it: real socket, real frames, sealed batches given by the
// test. One batch is in flight until a sealed receipt covers it, as with the real one.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "agent/local_frame.h"

namespace curfew::test {

class EnforcerDouble {
 public:
  EnforcerDouble(boost::asio::io_context& io, std::string path);
  ~EnforcerDouble();

  /// Closes the connection and the socket, as a stopped enforcer does; Start makes it anew.
  void Stop();
  void Start();
  /// Hands a sealed batch to the subscriber, now or when it comes.
  void Spool(std::string sealed);

  std::vector<std::string> offers;
  /// Whether an offer is accepted; all are when empty.
  std::function<bool(const std::string&)> accepts;
  std::string reason = "rollback";  ///< of its refusals
  int subscribed = 0;

 private:
  using Socket = boost::asio::local::stream_protocol::socket;
  boost::asio::awaitable<void> Accept();
  boost::asio::awaitable<void> Serve(std::shared_ptr<Socket> peer);
  boost::asio::awaitable<bool> Answer(Socket& peer, LocalKind kind, std::string body);
  boost::asio::awaitable<bool> Write(Socket& peer, LocalKind kind, std::string body);

  boost::asio::io_context& io_;
  std::string path_;
  std::unique_ptr<boost::asio::local::stream_protocol::acceptor> acceptor_;
  std::shared_ptr<Socket> peer_;
  std::deque<std::string> spool_;
};

}  // namespace curfew::test
