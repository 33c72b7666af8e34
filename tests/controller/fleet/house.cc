// SPDX-License-Identifier: Apache-2.0
// The pieces of the agents' port under test, wired as the controller's main wires them.
#include "tests/controller/fleet/house.h"

#include <csignal>

#include "os/pem.h"
#include "proto/wire.pb.h"

namespace curfew::test {
namespace {

using boost::asio::ip::tcp;

boost::asio::awaitable<Result<std::string>> GreetOnce(TlsSocket& socket) {
  auto shaken = co_await socket.Handshake();
  if (!shaken) co_return Failure(shaken.error());
  std::string hello = HelloFrame();
  auto sent = co_await socket.WriteFrame(std::move(hello));
  if (!sent) co_return Failure(sent.error());
  co_return co_await socket.ReadFrame(std::size_t{5} << 20U);
}

}  // namespace

HostId HostNamed(char letter) { return HostId::FromHex(std::string(64, letter)).value(); }

TlsIdentity HostIdentity(const CertificateAuthority& ca, const HostId& host) {
  const auto key = NewTlsKey().value();
  const auto request = NewRequestPem(key.get()).value();
  return {ca.IssueHost(request, host).value(), ToPem(key.get()).value()};
}

House::House() : ca(CertificateAuthority::Create().value()) {
  // As every main of ours does: OpenSSL writes with write(2).
  static_cast<void>(std::signal(SIGPIPE, SIG_IGN));
  books.enrolled.insert(host);
  books.offers[host] = {"first offer"};
}

House::~House() {
  if (listener) listener->Stop();
  static_cast<void>(RunUntil(io, [&] { return io.stopped(); }));
}

void House::Open(ListenerSettings settings) {
  settings.address = "127.0.0.1";
  settings.port = 0;
  settings.log = [this](const std::string& line) { log.push_back(line); };
  const auto identity = ca.IssueServer({"127.0.0.1", "controller.test"}, kEndOfTime).value();
  listener = AgentListener::Open(io, settings, identity, ca.CertificatePem(), books).value();
}

TlsContext House::ClientContext(const TlsIdentity& identity) const {
  auto context = NewTlsContext(TlsSide::kClient, identity.certificate, identity.key).value();
  EXPECT_TRUE(TrustOnly(*context, ca.CertificatePem()));
  return context;
}

std::unique_ptr<TlsSocket> House::Dial(ssl_ctx_st& context) {
  tcp::socket socket(io);
  socket.connect({boost::asio::ip::make_address("127.0.0.1"), listener->Port()});
  return TlsSocket::Open(std::move(socket), context, TlsSide::kClient, "controller.test").value();
}

Result<std::string> House::Greet(TlsSocket& socket) { return Await(GreetOnce(socket)); }

Result<std::string> House::Try(const TlsIdentity& identity) {
  const auto context = ClientContext(identity);
  const auto socket = Dial(*context);
  return Greet(*socket);
}

Result<std::string> House::Read(TlsSocket& socket) { return Await(socket.ReadFrame(std::size_t{5} << 20U)); }
Result<void> House::Write(TlsSocket& socket, const std::string& frame) { return Await(socket.WriteFrame(frame)); }

std::string HelloFrame(const std::string& layer) {
  proto::FromHost message;
  message.mutable_hello()->set_format(1);
  message.mutable_hello()->set_version(6);
  message.mutable_hello()->set_sudo("sudo 1.9.13p3");
  if (!layer.empty()) message.mutable_hello()->add_layers(layer);
  return message.SerializeAsString();
}

std::string BatchFrame(const std::string& sealed) {
  proto::FromHost message;
  message.set_batch(sealed);
  return message.SerializeAsString();
}

std::string PingFrame() {
  proto::FromHost message;
  message.set_ping(true);
  return message.SerializeAsString();
}

std::string OfferIn(const std::string& frame) {
  proto::ToHost message;
  EXPECT_TRUE(message.ParseFromString(frame));
  return message.offer();
}

}  // namespace curfew::test
