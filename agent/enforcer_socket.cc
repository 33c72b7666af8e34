// SPDX-License-Identifier: Apache-2.0
// Frames over the local stream socket.
#include "agent/enforcer_socket.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "os/unix_socket.h"

namespace curfew {
namespace {

namespace asio = boost::asio;
using asio::awaitable;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

Failure Lost(const boost::system::error_code& cause) {
  return Fail(Errc::kUnavailable, cause == asio::error::eof ? "it closed the connection" : cause.message(), "enforcer",
              "see: systemctl status curfew-enforcer");
}

}  // namespace

awaitable<Result<void>> EnforcerSocket::Connect(std::string path) {
  const asio::local::stream_protocol::endpoint endpoint(path);
  auto [failed] = co_await socket_.async_connect(endpoint, kAwait);
  if (failed) {
    co_return Fail(Errc::kUnavailable, failed.message(), path, "is curfew-enforcer.service running?");
  }
  const auto peer = PeerOf(socket_.native_handle());
  if (!peer || peer->uid != 0) co_return Fail(Errc::kRefused, "who listens there is not root", path);
  co_return Result<void>{};
}

awaitable<Result<void>> EnforcerSocket::Send(LocalKind kind, std::string body) {
  const auto header = WriteLocalHeader({kind, static_cast<std::uint32_t>(body.size())});
  const std::array<asio::const_buffer, 2> parts{asio::buffer(header), asio::buffer(body)};
  auto [failed, sent] = co_await asio::async_write(socket_, parts, kAwait);
  static_cast<void>(sent);
  if (failed) co_return Lost(failed);
  co_return Result<void>{};
}

awaitable<Result<LocalFrame>> EnforcerSocket::Receive() {
  std::array<std::uint8_t, kLocalHeader> raw{};
  const auto into_header = asio::buffer(raw);
  auto [failed, read] = co_await asio::async_read(socket_, into_header, kAwait);
  if (failed) co_return Lost(failed);
  const auto header = ReadLocalHeader(raw);
  if (!header)
    co_return Fail(Errc::kMalformed, "a frame that is not ours", "enforcer", "are agent and enforcer of one version?");
  LocalFrame frame{header->kind, std::string(header->length, '\0')};
  const auto into_body = asio::buffer(frame.body);
  auto [cut, got] = co_await asio::async_read(socket_, into_body, kAwait);
  static_cast<void>(read + got);
  if (cut) co_return Lost(cut);
  co_return frame;
}

void EnforcerSocket::Close() {
  boost::system::error_code ignored;
  socket_.close(ignored);
}

}  // namespace curfew
