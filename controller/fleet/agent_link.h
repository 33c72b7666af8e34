// SPDX-License-Identifier: Apache-2.0
// One connection of a host at the agents' port: proves itself, then reads and writes until either side ends it. It
// knows no other link; the listener does. Coroutines of it run on one thread and hold it by shared_ptr.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "controller/fleet/authority.h"
#include "controller/fleet/wire.h"
#include "core/names.h"
#include "os/tls_socket.h"

namespace curfew {

class AgentLink {
 public:
  using Clock = std::chrono::steady_clock;
  struct Limits {
    std::chrono::milliseconds hello;
    std::chrono::milliseconds idle;
    std::chrono::milliseconds write;
  };

  AgentLink(std::uint64_t number, std::string peer, std::unique_ptr<TlsSocket> socket, boost::asio::any_io_executor io);

  /// Handshake, then hello.
  [[nodiscard]] boost::asio::awaitable<Result<AgentFacts>> Prove();
  /// After a failed Prove: lets the peer see why.
  [[nodiscard]] boost::asio::awaitable<void> Farewell();
  /// Frames from the host until the link ends; the error says why it did.
  [[nodiscard]] boost::asio::awaitable<Error> Read(Authority& authority);
  /// What was queued or is due, until the link ends.
  [[nodiscard]] boost::asio::awaitable<void> Write(Authority& authority);

  /// OffersFor is asked for on the writer's next turn.
  void OffersDue();
  void Close();
  /// Close, and what the kernel has not delivered yet is thrown away.
  void Abort();
  /// What limit it has run over, if any.
  [[nodiscard]] std::optional<std::string> Overdue(Clock::time_point now, const Limits& limits) const;

  [[nodiscard]] std::uint64_t Number() const { return number_; }
  [[nodiscard]] const std::string& Peer() const { return peer_; }
  [[nodiscard]] const std::optional<HostId>& Host() const { return host_; }
  /// What it proved itself with; only once there is a Host.
  [[nodiscard]] const ContentHash& Key() const { return key_; }
  [[nodiscard]] Clock::time_point Since() const { return since_; }

 private:
  [[nodiscard]] Result<void> Take(const std::string& frame, Authority& authority);
  [[nodiscard]] Result<void> TakeBatch(const std::string& sealed, Authority& authority);
  /// A host in order rarely sends these; each is work for the one thread, so a link that does nothing else is broken.
  [[nodiscard]] Result<void> CountIdle();
  [[nodiscard]] Result<void> Reply(std::string frame);
  [[nodiscard]] std::optional<std::string> Next(Authority& authority);

  std::uint64_t number_;
  std::string peer_;
  std::unique_ptr<TlsSocket> socket_;
  boost::asio::steady_timer wake_;   ///< never fires: cancelled to wake the writer
  std::deque<std::string> offers_;   ///< one answer of OffersFor
  std::deque<std::string> replies_;  ///< bounded: what the host itself caused
  std::optional<HostId> host_;
  ContentHash key_;
  Clock::time_point since_ = Clock::now();
  Clock::time_point heard_ = since_;
  std::optional<Clock::time_point> writing_since_;
  int idle_ = 0;  ///< hellos, and batches without news
  bool proven_ = false;
  bool offers_due_ = true;
  bool closed_ = false;
};

}  // namespace curfew
