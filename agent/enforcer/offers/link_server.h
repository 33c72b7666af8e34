// SPDX-License-Identifier: Apache-2.0
// link.sock: frames of agent/local_frame.h from the link (user curfew) and from root's tools. MUST: hear nobody else, keep
// 16 connections of each of the two at most, so that the link cannot keep root out, and none that is silent or stops in
// the middle of a frame; read no frame larger than a sealed bundle, parse no body.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "agent/enforcer/state/batches.h"
#include "agent/enforcer/offers/intake.h"
#include "os/file_descriptor.h"

namespace curfew {

class LinkServer {
 public:
  struct Parts {
    Intake& intake;
    Batches& batches;
    std::function<std::string()> status;     ///< an encoded LocalStatus
    std::function<void()> subscribed;        ///< a link wants the spool
    std::optional<uid_t> link_uid;           ///< the user curfew, where there is one
    Millis patience{30000};                  ///< longer than the link needs to dial before it subscribes
  };
  LinkServer(boost::asio::io_context& loop, FileDescriptor socket, Parts parts);
  void Start();
  /// The status is other than what the subscribed link was told: tells it, if there is one.
  void PushStatus();

 private:
  class Visit;
  void Add(boost::asio::local::stream_protocol::socket socket);
  void StartLater();

  boost::asio::local::stream_protocol::acceptor acceptor_;
  boost::asio::steady_timer pause_;
  Parts parts_;
  std::weak_ptr<Visit> subscriber_;
  std::map<uid_t, int> visits_;  ///< those under way, by the peer's user
  std::shared_ptr<const bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace curfew
