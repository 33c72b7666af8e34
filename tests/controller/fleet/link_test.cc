// SPDX-License-Identifier: Apache-2.0
// A host's link at the agents' port: what it may send, what it gets, and how hosts that misbehave are shown out.
#include "tests/controller/fleet/house.h"

namespace curfew::test {
namespace {

class LinkAtPort : public House {
 protected:
  struct Guest {
    TlsContext context;
    std::unique_ptr<TlsSocket> socket;
  };
  Guest Arrive() { return Arrive(host); }
  Guest Arrive(const HostId& who) {
    Guest guest;
    guest.context = ClientContext(HostIdentity(ca, who));
    guest.socket = Dial(*guest.context);
    EXPECT_TRUE(Greet(*guest.socket));
    return guest;
  }
  [[nodiscard]] bool Logged(const std::string& part) {
    return RunUntil(io, [&] {
      return std::any_of(log.begin(), log.end(),
                         [&](const auto& line) { return line.find(part) != std::string::npos; });
    });
  }
};

TEST_F(LinkAtPort, BatchIsKeptAndReceiptedUnderSeal) {
  Open();
  const auto guest = Arrive();
  ASSERT_TRUE(Write(*guest.socket, BatchFrame(books.Batch(host, 1))));
  const auto answer = Read(*guest.socket);
  ASSERT_TRUE(answer) << answer.error().Text();
  const auto verified = Verify(OfferIn(*answer), Purpose::kDelivered, books.LeaseRole());
  ASSERT_FALSE(Denied(verified));
  EXPECT_EQ(DecodeDelivered(std::get<Verified>(verified)).value().seq, 1U);
  ASSERT_EQ(books.kept.size(), 1U);
  EXPECT_EQ(books.kept.front().version, 7U);
}

TEST_F(LinkAtPort, BatchThatTheHostDidNotSealIsRefusedAndRecorded) {
  Open();
  const auto guest = Arrive();
  const auto stranger = PrivateKey::Generate().value();
  ASSERT_TRUE(Write(*guest.socket, BatchFrame(Books::BatchBy(stranger, host, 1))));
  EXPECT_FALSE(Read(*guest.socket)) << "a forged batch was answered";
  EXPECT_TRUE(books.kept.empty());
  EXPECT_EQ(books.refused, std::vector<Reason>{Reason::kBadSignature});
  EXPECT_TRUE(Logged("batch refused: bad-signature"));
}

TEST_F(LinkAtPort, BatchOfAnotherHostIsRefused) {
  Open();
  const auto guest = Arrive();
  ASSERT_TRUE(Write(*guest.socket, BatchFrame(books.Batch(HostNamed('b'), 1))));
  EXPECT_FALSE(Read(*guest.socket));
  EXPECT_TRUE(books.kept.empty());
  EXPECT_EQ(books.refused, std::vector<Reason>{Reason::kOtherHost});
}

TEST_F(LinkAtPort, PingIsAnswered) {
  Open();
  const auto guest = Arrive();
  ASSERT_TRUE(Write(*guest.socket, PingFrame()));
  const auto answer = Read(*guest.socket);
  ASSERT_TRUE(answer) << answer.error().Text();
  EXPECT_EQ(OfferIn(*answer), "");
}

TEST_F(LinkAtPort, PushBringsWhatIsNew) {
  Open();
  const auto guest = Arrive();
  books.offers[host] = {"second offer", "third offer"};
  listener->Push(host);
  listener->Push(HostNamed('c'));
  auto answer = Read(*guest.socket);
  ASSERT_TRUE(answer);
  EXPECT_EQ(OfferIn(*answer), "second offer");
  answer = Read(*guest.socket);
  ASSERT_TRUE(answer);
  EXPECT_EQ(OfferIn(*answer), "third offer");
}

TEST_F(LinkAtPort, WholeBundleOfFourMebibytesArrives) {
  Open();
  const auto guest = Arrive();
  const std::string whole((std::size_t{4} << 20U) + 1000, 'x');
  books.offers[host] = {whole};
  listener->Push(host);
  const auto answer = Read(*guest.socket);
  ASSERT_TRUE(answer) << answer.error().Text();
  EXPECT_EQ(OfferIn(*answer), whole);
}

TEST_F(LinkAtPort, NewestLinkWinsAndTheHostStaysOnline) {
  Open();
  const auto older = Arrive();
  const auto newer = Arrive();
  EXPECT_FALSE(Read(*older.socket)) << "the older link lived on";
  EXPECT_EQ(listener->Links(), 1U);
  EXPECT_TRUE(books.online.contains(host));
  EXPECT_EQ(books.disconnected, 0);
  ASSERT_TRUE(Write(*newer.socket, PingFrame()));
  EXPECT_TRUE(Read(*newer.socket));
  newer.socket->Close();
  EXPECT_TRUE(RunUntil(io, [&] { return books.disconnected == 1; }));
  EXPECT_FALSE(books.online.contains(host));
  EXPECT_TRUE(log.empty()) << "an ordinary close is no news: " << log.front();
}

TEST_F(LinkAtPort, DroppedHostIsShownOut) {
  Open();
  const auto guest = Arrive();
  books.enrolled.erase(host);
  listener->Drop(host);
  EXPECT_FALSE(Read(*guest.socket));
  EXPECT_TRUE(RunUntil(io, [&] { return listener->Links() == 0; }));
}

TEST_F(LinkAtPort, RemovedBetweenHandshakeAndHelloIsNotSeated) {
  Open();
  const auto context = ClientContext(HostIdentity(ca, host));
  const auto socket = Dial(*context);
  ASSERT_TRUE(Await(socket->Handshake()));
  ASSERT_TRUE(RunUntil(io, [&] { return io.poll_one() == 0; }));
  books.enrolled.erase(host);
  ASSERT_TRUE(Write(*socket, HelloFrame()));
  EXPECT_FALSE(Read(*socket));
  EXPECT_TRUE(books.seen.empty());
}

TEST_F(LinkAtPort, JoinedAnewBetweenHandshakeAndHelloIsNotSeated) {
  Open();
  const auto context = ClientContext(HostIdentity(ca, host));
  const auto socket = Dial(*context);
  ASSERT_TRUE(Await(socket->Handshake()));
  ASSERT_TRUE(RunUntil(io, [&] { return io.poll_one() == 0; }));
  books.keys[host] = Sha256("the key of a newer join");
  ASSERT_TRUE(Write(*socket, HelloFrame()));
  EXPECT_FALSE(Read(*socket));
  EXPECT_TRUE(books.seen.empty());
}

TEST_F(LinkAtPort, OversizeFrameEndsTheLinkUnread) {
  Open();
  const auto guest = Arrive();
  ASSERT_TRUE(Write(*guest.socket, BatchFrame(std::string(std::size_t{128} << 10U, 'x'))));
  EXPECT_FALSE(Read(*guest.socket));
  EXPECT_TRUE(Logged("frame of 131"));
  EXPECT_TRUE(books.refused.empty());
}

TEST_F(LinkAtPort, WhatIsNoMessageEndsTheLink) {
  Open();
  const auto guest = Arrive();
  ASSERT_TRUE(Write(*guest.socket, "\xff\xff\xff\xff"));
  EXPECT_FALSE(Read(*guest.socket));
  EXPECT_TRUE(Logged("not a message of ours"));
}

TEST_F(LinkAtPort, FirstMessageMustBeAHello) {
  Open();
  const auto context = ClientContext(HostIdentity(ca, host));
  const auto socket = Dial(*context);
  ASSERT_TRUE(Await(socket->Handshake()));
  ASSERT_TRUE(Write(*socket, BatchFrame(books.Batch(host, 1))));
  EXPECT_FALSE(Read(*socket));
  EXPECT_TRUE(books.kept.empty());
  EXPECT_TRUE(Logged("not a hello"));
}

TEST_F(LinkAtPort, AnotherHelloSaysWhatChanged) {
  Open();
  const auto guest = Arrive();
  ASSERT_EQ(books.seen.size(), 1U);
  ASSERT_TRUE(Write(*guest.socket, HelloFrame("reaper")));
  EXPECT_TRUE(RunUntil(io, [&] { return books.seen.size() == 2; }));
  EXPECT_EQ(books.seen.back().layers, std::vector<std::string>{"reaper"});
  EXPECT_EQ(books.disconnected, 0);
}

TEST_F(LinkAtPort, AHostThatLostWhatItHadNeedNotComeAnewToGetIt) {
  Open();
  const auto guest = Arrive();
  books.offers[host] = {"what it lacks"};
  ASSERT_TRUE(Write(*guest.socket, HelloFrame("reaper")));
  const auto answer = Read(*guest.socket);
  ASSERT_TRUE(answer) << answer.error().Text();
  EXPECT_EQ(OfferIn(*answer), "what it lacks");
}

TEST_F(LinkAtPort, HellosWithoutEndEndTheLink) {
  Open();
  const auto guest = Arrive();
  books.offers[host].clear();
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(Write(*guest.socket, HelloFrame()));
  static_cast<void>(Write(*guest.socket, HelloFrame()));
  EXPECT_FALSE(Read(*guest.socket));
  EXPECT_TRUE(Logged("without news"));
}

TEST_F(LinkAtPort, OldBatchesWithoutEndEndTheLink) {
  Open();
  const auto guest = Arrive();
  const std::string batch = BatchFrame(books.Batch(host, 1));
  for (int i = 0; i < 1001; ++i) {
    ASSERT_TRUE(Write(*guest.socket, batch));
    ASSERT_TRUE(Read(*guest.socket)) << i;
  }
  static_cast<void>(Write(*guest.socket, batch));
  EXPECT_FALSE(Read(*guest.socket));
  EXPECT_TRUE(Logged("without news"));
}

TEST_F(LinkAtPort, SilentStrangerIsShownOut) {
  ListenerSettings settings;
  settings.hello_limit = Millis{200};
  Open(settings);
  boost::asio::ip::tcp::socket stranger(io);
  stranger.connect({boost::asio::ip::make_address("127.0.0.1"), listener->Port()});
  EXPECT_TRUE(Logged("no handshake and hello in time"));
}

TEST_F(LinkAtPort, HostThatShakesHandsAndSaysNothingIsShownOut) {
  ListenerSettings settings;
  settings.hello_limit = Millis{300};
  Open(settings);
  const auto context = ClientContext(HostIdentity(ca, host));
  const auto socket = Dial(*context);
  ASSERT_TRUE(Await(socket->Handshake()));
  EXPECT_FALSE(Read(*socket));
  EXPECT_TRUE(Logged("no handshake and hello in time"));
}

TEST_F(LinkAtPort, HostThatFallsSilentIsShownOut) {
  ListenerSettings settings;
  settings.idle_limit = Millis{200};
  Open(settings);
  const auto guest = Arrive();
  EXPECT_FALSE(Read(*guest.socket));
  EXPECT_TRUE(Logged("nothing heard for too long"));
}

TEST_F(LinkAtPort, HostThatSendsAndNeverReadsIsShownOut) {
  ListenerSettings settings;
  settings.write_limit = Millis{300};
  Open(settings);
  const auto guest = Arrive();
  books.offers[host] = {std::string(std::size_t{4} << 20U, 'x'), std::string(std::size_t{4} << 20U, 'y'),
                        std::string(std::size_t{4} << 20U, 'z')};
  listener->Push(host);
  EXPECT_TRUE(Logged("it does not read"));
}

TEST_F(LinkAtPort, StrangersAtTheDoorDoNotKeepHostsOut) {
  ListenerSettings settings;
  settings.most_unproven = 4;
  settings.hello_limit = Millis{4000};
  Open(settings);
  std::vector<boost::asio::ip::tcp::socket> strangers;
  for (int i = 0; i < 8; ++i) {
    strangers.emplace_back(io).connect({boost::asio::ip::make_address("127.0.0.1"), listener->Port()});
  }
  EXPECT_TRUE(Try(HostIdentity(ca, host))) << "a host did not get in past strangers";
  EXPECT_TRUE(std::none_of(log.begin(), log.end(), [](const auto& line) {
    return line.find("in time") != std::string::npos;
  })) << "it had to wait until a stranger's time was up";
}

}  // namespace
}  // namespace curfew::test
