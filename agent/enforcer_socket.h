// SPDX-License-Identifier: Apache-2.0
// The client's end of /run/curfew/link.sock: frames of agent/local_frame.h. The one class that speaks to the enforcer,
// used by the link for as long as it lives and by curfew-agent for one question.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <string>

#include "agent/local_frame.h"
#include "core/result.h"

namespace curfew {

struct LocalFrame {
  LocalKind kind = LocalKind::kStatus;
  std::string body;
};

/// Its coroutines borrow it; one send and one receive may wait at a time.
class EnforcerSocket {
 public:
  explicit EnforcerSocket(boost::asio::any_io_executor io) : socket_(std::move(io)) {}

  /// kUnavailable when nothing listens there, kRefused when who listens is not root.
  [[nodiscard]] boost::asio::awaitable<Result<void>> Connect(std::string path);
  [[nodiscard]] boost::asio::awaitable<Result<void>> Send(LocalKind kind, std::string body);
  [[nodiscard]] boost::asio::awaitable<Result<LocalFrame>> Receive();
  /// Ends every wait with an error.
  void Close();

 private:
  boost::asio::local::stream_protocol::socket socket_;
};

}  // namespace curfew
