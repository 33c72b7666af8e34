// SPDX-License-Identifier: Apache-2.0
// SSL_* calls on a non-blocking descriptor, each retried when Asio says that the descriptor is ready.
#include "os/tls_socket.h"

#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <utility>

#include "os/pem.h"

namespace curfew {
namespace {

using boost::asio::awaitable;
using boost::asio::ip::tcp;

constexpr auto kAwait = boost::asio::as_tuple(boost::asio::use_awaitable);
constexpr std::size_t kChunk = std::size_t{16} << 10U;
constexpr std::size_t kMostFarewell = std::size_t{64} << 10U;

constexpr int kKeepAliveIdle = 30;
constexpr int kKeepAliveInterval = 10;
constexpr int kKeepAliveCount = 3;
constexpr unsigned kUserTimeout = 60000;

bool ExpectName(SSL* session, std::string name) {
  boost::system::error_code not_address;
  static_cast<void>(boost::asio::ip::make_address(name, not_address));
  X509_VERIFY_PARAM* rules = SSL_get0_param(session);
  if (!not_address) return X509_VERIFY_PARAM_set1_ip_asc(rules, name.c_str()) == 1;
  X509_VERIFY_PARAM_set_hostflags(rules, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  return SSL_ctrl(session, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data()) == 1 &&
         X509_VERIFY_PARAM_set1_host(rules, name.c_str(), name.size()) == 1;
}

/// A clock that is behind this cannot be right: certificates are then checked against this moment (DESIGN §6, Time).
constexpr std::time_t kBuilt = 1793491200;  // 2026-11-01T00:00:00Z, moved on with each release

void CheckDatesTolerantly(SSL* session) {
  if (std::time(nullptr) < kBuilt) X509_VERIFY_PARAM_set_time(SSL_get0_param(session), kBuilt);
}

std::array<char, kTlsFrameHeader> FrameHeader(std::size_t size) {
  const auto octet = [&](unsigned shift) { return static_cast<char>(static_cast<unsigned char>(size >> shift)); };
  return {octet(24), octet(16), octet(8), octet(0)};
}

std::size_t FrameSize(const std::array<char, kTlsFrameHeader>& header) {
  std::size_t size = 0;
  for (const char octet : header) size = size << 8U | static_cast<unsigned char>(octet);
  return size;
}

Failure Closed() { return Fail(Errc::kUnavailable, "connection closed", "TLS"); }

template <class Option>
void SetOption(tcp::socket& socket, int level, int name, Option value) {
  static_cast<void>(::setsockopt(socket.native_handle(), level, name, &value, sizeof value));
}

}  // namespace

void KeepAlive(tcp::socket& socket) {
  SetOption(socket, IPPROTO_TCP, TCP_NODELAY, 1);
  SetOption(socket, SOL_SOCKET, SO_KEEPALIVE, 1);
  SetOption(socket, IPPROTO_TCP, TCP_KEEPIDLE, kKeepAliveIdle);
  SetOption(socket, IPPROTO_TCP, TCP_KEEPINTVL, kKeepAliveInterval);
  SetOption(socket, IPPROTO_TCP, TCP_KEEPCNT, kKeepAliveCount);
  SetOption(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, kUserTimeout);
}

void TlsSocket::FreeSession::operator()(ssl_st* session) const { SSL_free(session); }

TlsSocket::TlsSocket(tcp::socket socket, ssl_st* session) : socket_(std::move(socket)), session_(session) {}
TlsSocket::~TlsSocket() = default;

Result<std::unique_ptr<TlsSocket>> TlsSocket::Open(tcp::socket socket, ssl_ctx_st& context, TlsSide side,
                                                   const std::string& server_name) {
  boost::system::error_code failed;
  socket.native_non_blocking(true, failed);
  if (failed) return Fail(Errc::kSystem, failed.message(), "socket");
  KeepAlive(socket);
  ERR_clear_error();
  std::unique_ptr<TlsSocket> opened(new TlsSocket(std::move(socket), SSL_new(&context)));
  SSL* session = opened->Native();
  if (session == nullptr || SSL_set_fd(session, static_cast<int>(opened->socket_.native_handle())) != 1) {
    return Fail(Errc::kSystem, TakeTlsErrors("no TLS session"), "TLS");
  }
  CheckDatesTolerantly(session);
  if (side == TlsSide::kServer) {
    SSL_set_accept_state(session);
    return opened;
  }
  SSL_set_connect_state(session);
  if (server_name.empty() || !ExpectName(session, server_name)) {
    return Fail(Errc::kMalformed, "not a name that a certificate can be checked for", server_name);
  }
  return opened;
}

// Asked before every SSL_* call: after Close the descriptor's number may already be another connection's.
bool TlsSocket::IsOpen() const { return socket_.is_open(); }

Error TlsSocket::Broken(int tls_error) const {
  if (tls_error == SSL_ERROR_ZERO_RETURN) return Error{Errc::kUnavailable, "the peer closed the connection", "TLS", {}};
  if (tls_error == SSL_ERROR_SYSCALL) {
    const int cause = errno;
    ERR_clear_error();
    return Error{Errc::kUnavailable, cause == 0 ? "the peer went away" : std::strerror(cause), "TLS", {}};
  }
  std::string text = TakeTlsErrors("protocol error");
  const long verified = SSL_get_verify_result(session_.get());
  if (verified != X509_V_OK) text += std::string(" (") + X509_verify_cert_error_string(verified) + ")";
  return Error{Errc::kRefused, std::move(text), "TLS", {}};
}

awaitable<Result<void>> TlsSocket::WaitFor(int tls_error) {
  if (tls_error != SSL_ERROR_WANT_READ && tls_error != SSL_ERROR_WANT_WRITE) co_return Failure(Broken(tls_error));
  const auto direction = tls_error == SSL_ERROR_WANT_READ ? tcp::socket::wait_read : tcp::socket::wait_write;
  auto waited = co_await socket_.async_wait(direction, kAwait);
  if (std::get<0>(waited) || !IsOpen()) co_return Closed();
  co_return Result<void>{};
}

awaitable<Result<void>> TlsSocket::Handshake() {
  while (IsOpen()) {
    ERR_clear_error();
    errno = 0;
    const int done = SSL_do_handshake(session_.get());
    if (done == 1) co_return Result<void>{};
    const int tls_error = SSL_get_error(session_.get(), done);
    auto ready = co_await WaitFor(tls_error);
    if (!ready) co_return ready;
  }
  co_return Closed();
}

awaitable<Result<void>> TlsSocket::ReadAll(char* data, std::size_t size) {
  while (size > 0 && IsOpen()) {
    std::size_t got = 0;
    ERR_clear_error();
    errno = 0;
    const int done = SSL_read_ex(session_.get(), data, size, &got);
    if (done == 1) {
      data += got;
      size -= got;
      continue;
    }
    const int tls_error = SSL_get_error(session_.get(), done);
    auto ready = co_await WaitFor(tls_error);
    if (!ready) co_return ready;
  }
  if (size > 0) co_return Closed();
  co_return Result<void>{};
}

awaitable<Result<std::string>> TlsSocket::ReadFrame(std::size_t most) {
  std::array<char, kTlsFrameHeader> header{};
  auto read = co_await ReadAll(header.data(), header.size());
  if (!read) co_return Failure(read.error());
  const std::size_t size = FrameSize(header);
  if (size > most) {
    co_return Fail(Errc::kOutOfRange, "frame of " + std::to_string(size) + " bytes, at most " + std::to_string(most),
                   "peer");
  }
  std::string body;
  while (body.size() < size) {
    const std::size_t before = body.size();
    const std::size_t next = std::min(size, std::max(before * 2, kChunk));
    body.resize(next);
    read = co_await ReadAll(body.data() + before, next - before);
    if (!read) co_return Failure(read.error());
  }
  co_return body;
}

awaitable<Result<void>> TlsSocket::WriteFrame(std::string body) {
  const auto header = FrameHeader(body.size());
  body.insert(0, header.data(), header.size());
  std::size_t sent = 0;
  while (sent < body.size() && IsOpen()) {
    std::size_t took = 0;
    ERR_clear_error();
    errno = 0;
    const int done = SSL_write_ex(session_.get(), body.data() + sent, body.size() - sent, &took);
    if (done == 1) {
      sent += took;
      continue;
    }
    const int tls_error = SSL_get_error(session_.get(), done);
    auto ready = co_await WaitFor(tls_error);
    if (!ready) co_return ready;
  }
  if (sent < body.size()) co_return Closed();
  co_return Result<void>{};
}

awaitable<void> TlsSocket::Farewell() {
  boost::system::error_code failed;
  socket_.shutdown(tcp::socket::shutdown_send, failed);
  std::array<char, 1024> away{};
  for (std::size_t total = 0; !failed && IsOpen() && total < kMostFarewell;) {
    auto waited = co_await socket_.async_wait(tcp::socket::wait_read, kAwait);
    failed = std::get<0>(waited);
    if (failed || !IsOpen()) break;
    const ssize_t got = ::recv(socket_.native_handle(), away.data(), away.size(), MSG_DONTWAIT);
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) break;
    total += got > 0 ? static_cast<std::size_t>(got) : 0;
  }
  Close();
}

void TlsSocket::Discard() {
  boost::system::error_code ignored;
  socket_.set_option(tcp::socket::linger(true, 0), ignored);
}

void TlsSocket::Close() {
  boost::system::error_code ignored;
  socket_.close(ignored);
}

}  // namespace curfew
