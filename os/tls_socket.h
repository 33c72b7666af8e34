// SPDX-License-Identifier: Apache-2.0
// A TCP socket that speaks TLS and frames (length u32 big endian, body). OpenSSL drives the descriptor itself, Asio
// only waits for readiness (DESIGN §9: 19 KB an idle connection). At most one read and one write wait at a time; one
// thread.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstddef>
#include <memory>
#include <string>

#include "core/result.h"
#include "os/tls_context.h"

namespace curfew {

inline constexpr std::size_t kTlsFrameHeader = 4;

/// One connection. Its coroutines borrow it: whoever awaits them keeps it alive.
class TlsSocket {
 public:
  /// Takes a connected socket; for a client, `server_name` is what the server's certificate must name (DNS or IP).
  [[nodiscard]] static Result<std::unique_ptr<TlsSocket>> Open(boost::asio::ip::tcp::socket socket, ssl_ctx_st& context,
                                                               TlsSide side, const std::string& server_name);
  TlsSocket(const TlsSocket&) = delete;
  TlsSocket& operator=(const TlsSocket&) = delete;
  ~TlsSocket();

  /// kRefused when TLS or a certificate says no (the text says which), kUnavailable when the peer went away.
  [[nodiscard]] boost::asio::awaitable<Result<void>> Handshake();
  /// The next frame's body. kOutOfRange when it says more than `most` bytes; memory grows with what arrives, not with
  /// what is announced.
  [[nodiscard]] boost::asio::awaitable<Result<std::string>> ReadFrame(std::size_t most);
  [[nodiscard]] boost::asio::awaitable<Result<void>> WriteFrame(std::string body);
  /// Says no more, then reads away what the peer still sends until it closes: so that it sees why (its alert), not a
  /// reset.
  [[nodiscard]] boost::asio::awaitable<void> Farewell();
  /// Ends every wait with an error; safe to call twice.
  void Close();
  /// At Close the peer gets a reset instead of what it has not received yet.
  void Discard();

  [[nodiscard]] ssl_st* Native() const { return session_.get(); }

 private:
  struct FreeSession {
    void operator()(ssl_st* session) const;
  };
  TlsSocket(boost::asio::ip::tcp::socket socket, ssl_st* session);
  [[nodiscard]] bool IsOpen() const;
  [[nodiscard]] boost::asio::awaitable<Result<void>> WaitFor(int tls_error);
  [[nodiscard]] boost::asio::awaitable<Result<void>> ReadAll(char* data, std::size_t size);
  [[nodiscard]] Error Broken(int tls_error) const;

  boost::asio::ip::tcp::socket socket_;
  std::unique_ptr<ssl_st, FreeSession> session_;
};

/// Options of a long-lived connection: no delay, and the kernel's own keepalive (30 s, no wake-up of ours).
void KeepAlive(boost::asio::ip::tcp::socket& socket);

}  // namespace curfew
