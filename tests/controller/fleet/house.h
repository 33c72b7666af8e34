// SPDX-License-Identifier: Apache-2.0
// A real agents' port on loopback with a real CA, and clients that speak real TLS to it, good ones and bad ones.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <optional>
#include <string>

#include "controller/fleet/listener.h"
#include "controller/identity/ca.h"
#include "os/tls_socket.h"
#include "tests/controller/fleet/books.h"

namespace curfew::test {

/// Runs the loop until `done` holds; false when it does not within ten seconds.
template <class Done>
[[nodiscard]] bool RunUntil(boost::asio::io_context& io, Done done) {
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!done()) {
    if (std::chrono::steady_clock::now() > limit) return false;
    if (io.stopped()) io.restart();
    io.run_one_for(std::chrono::milliseconds(100));
  }
  return true;
}

[[nodiscard]] HostId HostNamed(char letter);

/// Certificate and key of a client; made by `ca` unless a test says otherwise.
[[nodiscard]] TlsIdentity HostIdentity(const CertificateAuthority& ca, const HostId& host);

class House : public ::testing::Test {
 protected:
  House();
  ~House() override;
  void Open(ListenerSettings settings = {});

  /// A client context that shows `identity` and trusts this house's CA.
  [[nodiscard]] TlsContext ClientContext(const TlsIdentity& identity) const;
  /// A connection, not yet shaken.
  [[nodiscard]] std::unique_ptr<TlsSocket> Dial(ssl_ctx_st& context);
  /// Handshake, hello and the first frame that comes back (an error when the port refuses).
  [[nodiscard]] Result<std::string> Greet(TlsSocket& socket);
  /// Greets with this identity; the port's answer.
  [[nodiscard]] Result<std::string> Try(const TlsIdentity& identity);
  [[nodiscard]] Result<std::string> Read(TlsSocket& socket);
  [[nodiscard]] Result<void> Write(TlsSocket& socket, const std::string& frame);

  template <class Value>
  [[nodiscard]] Value Await(boost::asio::awaitable<Value> work) {
    std::optional<Value> got;
    boost::asio::co_spawn(io, std::move(work), [&](const std::exception_ptr& thrown, Value value) {
      if (!thrown) got.emplace(std::move(value));
    });
    EXPECT_TRUE(RunUntil(io, [&] { return got.has_value(); })) << "nothing happened";
    return std::move(got.value());
  }

  boost::asio::io_context io{1};
  Books books;
  CertificateAuthority ca;
  HostId host = HostNamed('a');
  std::vector<std::string> log;
  std::unique_ptr<AgentListener> listener;
};

/// Frames as a host's link writes them.
[[nodiscard]] std::string HelloFrame(const std::string& layer = {});
[[nodiscard]] std::string BatchFrame(const std::string& sealed);
[[nodiscard]] std::string PingFrame();
/// The sealed bytes in a frame from the controller; empty when it is a pong.
[[nodiscard]] std::string OfferIn(const std::string& frame);

}  // namespace curfew::test
