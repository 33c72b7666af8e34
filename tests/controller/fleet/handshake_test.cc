// SPDX-License-Identifier: Apache-2.0
// Attacks C3 and C4 at the agents' port: whoever is not a host of ours is refused in the handshake, and no word of an
// earlier session opens the door again.
#include <openssl/ssl.h>

#include "controller/identity/tls_context.h"
#include "tests/controller/fleet/forger.h"
#include "tests/controller/fleet/house.h"

namespace curfew::test {
namespace {

constexpr Instant kLongAgo{Seconds{1600000000}};

class Handshake : public House {
 protected:
  void SetUp() override { Open(); }
  std::string GoodName() const { return "URI:curfew:host:" + host.Hex(); }

  void ExpectRefused(const Result<std::string>& answer, const std::string& alert) {
    ASSERT_FALSE(answer) << "the port let it in";
    EXPECT_NE(answer.error().what.find(alert), std::string::npos) << answer.error().Text();
    EXPECT_TRUE(books.seen.empty());
    EXPECT_EQ(listener->Links(), 0U);
    EXPECT_TRUE(RunUntil(io, [&] { return !log.empty(); })) << "the refusal was not logged";
  }
};

TEST_F(Handshake, HostOfOursIsLetInAndGetsItsOffer) {
  const auto answer = Try(HostIdentity(ca, host));
  ASSERT_TRUE(answer) << answer.error().Text();
  EXPECT_EQ(OfferIn(*answer), "first offer");
  ASSERT_EQ(books.seen.size(), 1U);
  EXPECT_EQ(books.seen.front().sudo, "sudo 1.9.13p3");
  EXPECT_EQ(books.seen.front().version, 6U);
}

TEST_F(Handshake, ForgedByTheTestButRightInAllIsLetIn) {
  // The control of all that follow: Forge makes certificates that only fail for what each test makes wrong.
  EXPECT_TRUE(Try(Forge(ca, {GoodName(), "clientAuth"})));
}

TEST_F(Handshake, OtherCaIsRefused) {
  const auto other = CertificateAuthority::Create().value();
  const auto context = ClientContext(HostIdentity(other, host));
  const auto socket = Dial(*context);
  ExpectRefused(Greet(*socket), "unknown ca");
}

TEST_F(Handshake, SelfSignedIsRefused) { ExpectRefused(Try(ForgeAlone({GoodName(), "clientAuth"})), "unknown ca"); }

TEST_F(Handshake, NoCertificateIsRefused) {
  const std::unique_ptr<SSL_CTX, FreeTlsContext> bare(SSL_CTX_new(TLS_client_method()));
  ASSERT_TRUE(TrustOnly(*bare, ca.CertificatePem()));
  const auto socket = Dial(*bare);
  ExpectRefused(Greet(*socket), "certificate required");
}

TEST_F(Handshake, ServerCertificateOfOursIsNoHost) {
  ExpectRefused(Try(ca.IssueServer({"host1.example"}, kEndOfTime).value()), "unsupported certificate");
}

TEST_F(Handshake, CertificateWithoutUsageIsRefused) {
  ExpectRefused(Try(Forge(ca, {GoodName(), ""})), "unsupported certificate");
}

TEST_F(Handshake, CertificateForBothUsesIsRefused) {
  ExpectRefused(Try(Forge(ca, {GoodName(), "clientAuth,serverAuth"})), "unsupported certificate");
}

TEST_F(Handshake, OtherFormsOfNameAreRefused) {
  const std::string good = GoodName();
  for (const std::string& name :
       {std::string(), std::string("DNS:curfew-host"), good + ",DNS:other", "URI:curfew:host:" + std::string(63, 'a'),
        "URI:curfew:host:" + std::string(64, 'A'), "URI:curfew:user:" + host.Hex(), good + "," + good}) {
    const auto answer = Try(Forge(ca, {name, "clientAuth"}));
    EXPECT_FALSE(answer) << name;
    EXPECT_TRUE(books.seen.empty()) << name;
  }
}

TEST_F(Handshake, ExpiredIsRefused) {
  ExpectRefused(Try(Forge(ca, {GoodName(), "clientAuth", kLongAgo})), "certificate expired");
}

TEST_F(Handshake, RemovedHostIsRefused) {
  const auto identity = HostIdentity(ca, host);
  ASSERT_TRUE(Try(identity));
  books.enrolled.erase(host);
  books.seen.clear();
  const auto answer = Try(identity);
  ASSERT_FALSE(answer);
  EXPECT_NE(answer.error().what.find("certificate revoked"), std::string::npos) << answer.error().Text();
  EXPECT_TRUE(books.seen.empty());
}

TEST_F(Handshake, KeyOfAnEarlierJoinIsRefused) {
  const auto earlier = HostIdentity(ca, host);
  const auto newest = HostIdentity(ca, host);
  books.keys[host] = LinkKeyIn(newest.certificate).value();
  ExpectRefused(Try(earlier), "certificate revoked");
  EXPECT_TRUE(Try(newest));
}

TEST_F(Handshake, HostThatNeverEnrolledIsRefused) {
  ExpectRefused(Try(HostIdentity(ca, HostNamed('b'))), "certificate revoked");
}

TEST_F(Handshake, TlsOneTwoIsRefused) {
  const auto context = ClientContext(HostIdentity(ca, host));
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_max_proto_version(context.get(), TLS1_2_VERSION);
  const auto socket = Dial(*context);
  ExpectRefused(Greet(*socket), "protocol version");
}

struct FreeTlsSession {
  void operator()(SSL_SESSION* session) const { SSL_SESSION_free(session); }
};

TEST_F(Handshake, NoSessionIsEverResumed) {
  const auto context = ClientContext(HostIdentity(ca, host));
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_CLIENT);
  SSL_CTX_clear_options(context.get(), SSL_OP_NO_TICKET);
  const auto first = Dial(*context);
  ASSERT_TRUE(Greet(*first));
  const std::unique_ptr<SSL_SESSION, FreeTlsSession> session(SSL_get1_session(first->Native()));
  EXPECT_EQ(SSL_SESSION_is_resumable(session.get()), 0) << "the port gave a ticket";
  EXPECT_EQ(SSL_SESSION_get_max_early_data(session.get()), 0U);

  books.enrolled.erase(host);
  const auto second = Dial(*context);
  SSL_set_session(second->Native(), session.get());
  const auto answer = Greet(*second);
  EXPECT_EQ(SSL_session_reused(second->Native()), 0);
  ASSERT_FALSE(answer) << "a removed host came back on an old session";
  EXPECT_NE(answer.error().what.find("certificate revoked"), std::string::npos) << answer.error().Text();
}

TEST_F(Handshake, EarlyDataIsNotTaken) {
  const auto context = ClientContext(HostIdentity(ca, host));
  const auto first = Dial(*context);
  ASSERT_TRUE(Greet(*first));
  const std::unique_ptr<SSL_SESSION, FreeTlsSession> session(SSL_get1_session(first->Native()));
  SSL_SESSION_set_max_early_data(session.get(), 1024);
  const auto second = Dial(*context);
  SSL_set_session(second->Native(), session.get());
  std::size_t sent = 0;
  const std::string early = HelloFrame();
  static_cast<void>(SSL_write_early_data(second->Native(), early.data(), early.size(), &sent));
  static_cast<void>(Greet(*second));
  EXPECT_NE(SSL_get_early_data_status(second->Native()), SSL_EARLY_DATA_ACCEPTED);
}

}  // namespace
}  // namespace curfew::test
