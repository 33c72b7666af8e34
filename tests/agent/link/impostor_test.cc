// SPDX-License-Identifier: Apache-2.0
// Attack C3 from the host's side: whoever is not our controller gets no hello, and the enforcer never hears of it. The
// impostor is a real TLS server that is right in all but one thing.
#include <openssl/ssl.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "proto/wire.pb.h"
#include "tests/agent/link/desk.h"
#include "tests/controller/fleet/forger.h"

namespace curfew::test {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr const char* kOurAddress = "IP:127.0.0.1";
constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

class Impostor : public Desk {
 protected:
  void Pose(const TlsIdentity& identity) {
    context_ = NewTlsContext(TlsSide::kServer, identity.certificate, identity.key).value();
    acceptor_ = std::make_unique<tcp::acceptor>(io, tcp::endpoint(asio::ip::make_address("127.0.0.1"), 0));
    asio::co_spawn(io, Serve(), [](const std::exception_ptr&) {});
  }
  void Lure() { Start(Settings(acceptor_->local_endpoint().port()), ClientContext(HostIdentity(ca, host))); }
  void ExpectRefused(const std::string& why) {
    Lure();
    EXPECT_TRUE(Says(why)) << (said.empty() ? "the link said nothing" : said.front());
    EXPECT_TRUE(frames.empty()) << "the impostor got a word of the host";
    EXPECT_EQ(enforcer->subscribed, 0);
  }

  asio::awaitable<void> Serve() {
    while (true) {
      auto [failed, socket] = co_await acceptor_->async_accept(kAwait);
      if (failed) co_return;
      guest_ = TlsSocket::Open(std::move(socket), *context_, TlsSide::kServer, {}).value();
      auto shaken = co_await guest_->Handshake();
      while (shaken) {
        auto frame = co_await guest_->ReadFrame(1000000);
        if (!frame) break;
        proto::FromHost message;
        EXPECT_TRUE(message.ParseFromString(*frame));
        frames.push_back(message.body_case());
        if (message.has_ping() && pongs-- > 0) {
          proto::ToHost pong;
          pong.set_pong(true);
          std::string answer = pong.SerializeAsString();
          static_cast<void>(co_await guest_->WriteFrame(std::move(answer)));
        }
      }
    }
  }

  [[nodiscard]] std::size_t Pings() const {
    return static_cast<std::size_t>(std::count(frames.begin(), frames.end(), proto::FromHost::kPing));
  }

  std::vector<int> frames;
  int pongs = 0;
  TlsContext context_;
  std::unique_ptr<tcp::acceptor> acceptor_;
  std::unique_ptr<TlsSocket> guest_;
};

TEST_F(Impostor, OneThatIsRightInAllIsTheController) {
  Pose(Forge(ca, {kOurAddress, "serverAuth"}));
  Lure();
  EXPECT_TRUE(RunUntil(io, [&] { return !frames.empty(); }));
  EXPECT_EQ(frames.front(), proto::FromHost::kHello);
}

TEST_F(Impostor, OtherCaIsRefused) {
  Pose(Forge(CertificateAuthority::Create().value(), {kOurAddress, "serverAuth"}));
  ExpectRefused("certificate verify failed");
}

TEST_F(Impostor, SelfSignedIsRefused) {
  Pose(ForgeAlone({kOurAddress, "serverAuth"}));
  ExpectRefused("self-signed certificate");
}

TEST_F(Impostor, AnotherHostIsNoController) {
  Pose(Forge(ca, {kOurAddress, "clientAuth"}));
  ExpectRefused("unsuitable certificate purpose");
}

TEST_F(Impostor, RealHostCertificateIsNoController) {
  Pose(HostIdentity(ca, HostNamed('b')));
  ExpectRefused("certificate verify failed");
}

TEST_F(Impostor, CertificateOfAnotherNameIsRefused) {
  Pose(Forge(ca, {"IP:127.0.0.2,DNS:127.0.0.1", "serverAuth"}));
  ExpectRefused("IP address mismatch");
}

TEST_F(Impostor, ExpiredIsRefused) {
  Pose(Forge(ca, {kOurAddress, "serverAuth", Instant{Seconds{1600000000}}}));
  ExpectRefused("certificate has expired");
}

TEST_F(Impostor, TlsOneTwoIsRefused) {
  Pose(Forge(ca, {kOurAddress, "serverAuth"}));
  SSL_CTX_set_min_proto_version(context_.get(), TLS1_2_VERSION);
  SSL_CTX_set_max_proto_version(context_.get(), TLS1_2_VERSION);
  ExpectRefused("protocol version");
}

TEST_F(Impostor, OneThatNeverShakesHandsIsLeft) {
  // The kernel accepts; nobody answers.
  acceptor_ = std::make_unique<tcp::acceptor>(io, tcp::endpoint(asio::ip::make_address("127.0.0.1"), 0));
  auto settings = Settings(acceptor_->local_endpoint().port());
  settings.connect_limit = Millis{200};
  Start(std::move(settings), ClientContext(HostIdentity(ca, host)));
  EXPECT_TRUE(Says("no connection in time"));
}

TEST_F(Impostor, ControllerThatHangsIsNoticedByItsSilence) {
  Pose(Forge(ca, {kOurAddress, "serverAuth"}));
  pongs = 2;
  auto settings = Settings(acceptor_->local_endpoint().port());
  settings.quiet_limit = Millis{20};
  settings.pong_limit = Millis{200};
  Start(std::move(settings), ClientContext(HostIdentity(ca, host)));
  EXPECT_TRUE(RunUntil(io, [&] { return Pings() == 3; })) << "answered pings are followed by another";
  EXPECT_TRUE(Says("no answer to a ping"));
}

}  // namespace
}  // namespace curfew::test
