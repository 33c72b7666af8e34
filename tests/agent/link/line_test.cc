// SPDX-License-Identifier: Apache-2.0
// The link between the real agents' port and an enforcer's socket, over real TLS on loopback: what is offered arrives
// as it was sealed, what is spooled is receipted, and either end may go and come back.
#include "tests/agent/link/desk.h"

namespace curfew::test {
namespace {

class LinkOnLoopback : public Desk {
 protected:
  void SetUp() override { Open(); }
  void Start() { Desk::Start(Settings(listener->Port()), ClientContext(HostIdentity(ca, host))); }
  [[nodiscard]] bool Online() {
    return RunUntil(io, [&] { return enforcer->subscribed > 0 && books.online.contains(host); });
  }
  /// Online, and nothing under way: what ends now must end by being closed, not by its next word.
  [[nodiscard]] bool Idle() {
    return Online() && RunUntil(io, [&] { return !enforcer->offers.empty(); }) &&
           RunUntil(io, [&] { return io.poll() == 0; });
  }
};

TEST_F(LinkOnLoopback, OfferReachesTheEnforcerByteForByte) {
  const std::string sealed("\x00\x01sealed\xff", 9);
  books.offers[host] = {sealed};
  Start();
  ASSERT_TRUE(RunUntil(io, [&] { return !enforcer->offers.empty(); }));
  EXPECT_EQ(enforcer->offers.front(), sealed);
}

TEST_F(LinkOnLoopback, HelloTellsWhatTheEnforcerSaid) {
  Start();
  ASSERT_TRUE(Online());
  ASSERT_EQ(books.seen.size(), 1U);
  EXPECT_EQ(books.seen.front().version, 41U);
  EXPECT_EQ(books.seen.front().sudo, "sudo 1.9.13p3");
  EXPECT_EQ(books.seen.front().layers, std::vector<std::string>{"timer"});
}

TEST_F(LinkOnLoopback, BatchGoesUpAndItsReceiptComesDown) {
  books.offers[host].clear();
  enforcer->Spool(books.Batch(host, 1));
  Start();
  ASSERT_TRUE(RunUntil(io, [&] { return !enforcer->offers.empty(); }));
  EXPECT_EQ(books.kept.size(), 1U);
  const auto verified = Verify(enforcer->offers.front(), Purpose::kDelivered, books.LeaseRole());
  ASSERT_FALSE(Denied(verified));
  EXPECT_EQ(DecodeDelivered(std::get<Verified>(verified)).value().seq, 1U);
}

TEST_F(LinkOnLoopback, PushArrivesWhileTheLineIsUp) {
  Start();
  ASSERT_TRUE(Online());
  books.offers[host] = {"pushed"};
  listener->Push(host);
  EXPECT_TRUE(RunUntil(io, [&] { return !enforcer->offers.empty() && enforcer->offers.back() == "pushed"; }));
}

TEST_F(LinkOnLoopback, WholeBundleOfFourMebibytesPasses) {
  const std::string whole((std::size_t{4} << 20U) + 1000, 'x');
  books.offers[host] = {whole};
  Start();
  ASSERT_TRUE(RunUntil(io, [&] { return !enforcer->offers.empty(); }));
  EXPECT_EQ(enforcer->offers.front(), whole);
}

TEST_F(LinkOnLoopback, RefusedOfferIsLoggedAndTheLineHolds) {
  enforcer->accepts = [](const std::string& sealed) { return sealed != "first offer"; };
  Start();
  ASSERT_TRUE(Online());
  ASSERT_TRUE(Says("the enforcer refused an offer: rollback"));
  books.offers[host] = {"good"};
  listener->Push(host);
  EXPECT_TRUE(RunUntil(io, [&] { return enforcer->offers.back() == "good"; }));
  EXPECT_EQ(books.disconnected, 0);
}

TEST_F(LinkOnLoopback, WhatTheDiskRefusedIsOfferedAgainOnANewLine) {
  enforcer->reason = "storage";
  enforcer->accepts = [this](const std::string&) { return enforcer->offers.size() == 1; };
  Start();
  ASSERT_TRUE(RunUntil(io, [&] { return enforcer->offers.size() == 2; })) << "the controller counts it as had";
  EXPECT_EQ(enforcer->offers[0], enforcer->offers[1]);
  EXPECT_TRUE(Says("it could not keep an offer"));
  EXPECT_EQ(books.disconnected, 1);
}

TEST_F(LinkOnLoopback, EnforcerMayRestart) {
  Start();
  ASSERT_TRUE(Idle());
  enforcer->Stop();
  ASSERT_TRUE(RunUntil(io, [&] { return books.disconnected > 0; })) << "the controller still thinks the host is there";
  enforcer->subscribed = 0;
  enforcer->Start();
  EXPECT_TRUE(Online());
  enforcer->Spool(books.Batch(host, 1));
  EXPECT_TRUE(RunUntil(io, [&] { return books.kept.size() == 1; }));
}

TEST_F(LinkOnLoopback, ControllerMayRestart) {
  Start();
  ASSERT_TRUE(Idle());
  const std::uint16_t port = listener->Port();
  listener->Stop();
  ASSERT_TRUE(RunUntil(io, [&] { return books.online.empty(); }));
  // What Stop() made ready still belongs to the old listener.
  while (io.poll() != 0) {
  }
  enforcer->subscribed = 0;
  listener.reset();
  ListenerSettings again;
  again.address = "127.0.0.1";
  again.port = port;
  listener =
      AgentListener::Open(io, again, ca.IssueServer({"127.0.0.1"}, kEndOfTime).value(), ca.CertificatePem(), books)
          .value();
  EXPECT_TRUE(Online());
}

TEST_F(LinkOnLoopback, EnforcerThatIsNotThereYetIsWaitedFor) {
  enforcer->Stop();
  Start();
  ASSERT_TRUE(Says("is curfew-enforcer.service running?"));
  enforcer->Start();
  EXPECT_TRUE(Online());
}

TEST_F(LinkOnLoopback, RemovedHostIsToldSo) {
  books.enrolled.clear();
  Start();
  ASSERT_TRUE(Says("certificate revoked")) << "the link never learned why";
  EXPECT_TRUE(books.seen.empty());
}

}  // namespace
}  // namespace curfew::test
