// SPDX-License-Identifier: Apache-2.0
// curfew-link: keeps one line open from the enforcer's socket to the controller and carries sealed bytes both ways. It
// never decides and never reads what is sealed; if either end breaks, both are closed and it starts anew.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <string>

#include "agent/agent_file.h"
#include "core/result.h"
#include "core/time.h"
#include "os/tls_context.h"

namespace curfew {

struct LinkSettings {
  Endpoint controller;
  std::string enforcer_path = "/run/curfew/link.sock";
  Millis connect_limit{15000};  ///< from dialling to the hello being sent
  Millis quiet_limit{
      120000};  ///< silence of the controller after which it is pinged; the kernel probes every 30 s anyway
  Millis pong_limit{30000};                     ///< silence after a ping after which the line counts as dead
  Millis shortest_wait{500};                    ///< scales the back-off
  std::function<void(const std::string&)> log;  ///< one line at each change of state
};

class Link {
 public:
  /// `tls` shows this host's certificate and trusts the controller's CA alone.
  Link(boost::asio::any_io_executor io, LinkSettings settings, TlsContext tls);
  /// Connects again and again until the io_context stops.
  [[nodiscard]] boost::asio::awaitable<void> Run();

 private:
  [[nodiscard]] boost::asio::awaitable<Error> RunOnce();
  void Report(const Error& ended);

  boost::asio::any_io_executor io_;
  boost::asio::steady_timer rest_;  ///< once a line has settled
  LinkSettings settings_;
  TlsContext tls_;
  std::string reported_;
};

}  // namespace curfew
