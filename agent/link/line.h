// SPDX-License-Identifier: Apache-2.0
// One life of the link: enforcer at one end, controller at the other, pumps between them. The first that breaks ends
// all.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "agent/enforcer_socket.h"
#include "agent/link/link.h"
#include "os/tls_socket.h"

namespace curfew {

class Line : public std::enable_shared_from_this<Line> {
 public:
  Line(boost::asio::any_io_executor io, const LinkSettings& settings);

  /// Status from the enforcer, connection, handshake, hello, subscription.
  [[nodiscard]] boost::asio::awaitable<Result<void>> Connect(ssl_ctx_st* tls);
  /// Carries until something breaks; says what.
  [[nodiscard]] boost::asio::awaitable<Error> Carry();

 private:
  using Clock = std::chrono::steady_clock;
  [[nodiscard]] boost::asio::awaitable<Result<std::string>> AskStatus();
  [[nodiscard]] boost::asio::awaitable<Result<void>> Dial(ssl_ctx_st* tls);
  [[nodiscard]] boost::asio::awaitable<Result<boost::asio::ip::tcp::socket>> ConnectTcp();
  [[nodiscard]] boost::asio::awaitable<Result<void>> PumpDown();
  [[nodiscard]] boost::asio::awaitable<Result<void>> PumpUp();
  [[nodiscard]] boost::asio::awaitable<Result<void>> PumpOut();
  [[nodiscard]] boost::asio::awaitable<Result<void>> WatchSilence();
  void Spawn(boost::asio::awaitable<Result<void>> pump);
  /// The host is other than the last hello said: says so.
  [[nodiscard]] Result<void> TellStatus(const std::string& status);
  [[nodiscard]] Result<void> Queue(std::string frame);
  void Break(Error why);

  boost::asio::any_io_executor io_;
  LinkSettings settings_;
  EnforcerSocket enforcer_;
  boost::asio::ip::tcp::socket dialling_;
  std::unique_ptr<TlsSocket> controller_;
  boost::asio::steady_timer limit_;  ///< of connecting, then of silence; cancelled when a ping is answered
  boost::asio::steady_timer out_;    ///< never fires: cancelled when something was queued
  boost::asio::steady_timer ended_;  ///< never fires: cancelled when a pump ended
  std::deque<std::string> queue_;
  std::string hello_;
  Clock::time_point heard_ = Clock::now();
  bool pinged_ = false;
  int pumps_ = 0;
  std::optional<Error> broken_;
};

}  // namespace curfew
