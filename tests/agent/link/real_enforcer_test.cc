// SPDX-License-Identifier: Apache-2.0
// The whole way with the real enforcer process at its end: a sealed bundle goes down and becomes a rule, what happened
// comes up under the host's seal, once and in order, whoever of the three is gone for a while.
#include "core/codec.h"
#include "os/machine.h"
#include "tests/agent/enforcer/host.h"
#include "tests/agent/link/desk.h"

namespace curfew::test {
namespace {

class WithRealEnforcer : public Desk {
 protected:
  void SetUp() override {
    books.UseKeys(TestKey("audit"), TestKey("lease"));
    books.enrolled = {TestHost()};
    const Instant now = ReadNow().utc;
    real.controller.Draft().grants = {GrantOn(1, "games", now - Seconds{60}, now + Seconds{600})};
    real.controller.Draft().managed = {{AccountName::Parse("games").value(), Gate{true, true}}};
    books.offers[TestHost()] = {real.controller.Roles(), real.controller.NextBundle()};
    Open();
    real.Start();
    StartLink();
  }
  void StartLink() {
    auto settings = Settings(listener->Port());
    settings.enforcer_path = real.Path("/run/curfew/link.sock");
    Start(std::move(settings), ClientContext(HostIdentity(ca, TestHost())));
  }
  [[nodiscard]] bool Reported(EventKind kind, std::uint64_t version) {
    return RunUntil(io, [&] {
      return std::any_of(books.kept.begin(), books.kept.end(), [&](const Event& event) {
        return event.kind == kind && (version == 0 || event.version == version);
      });
    });
  }
  [[nodiscard]] bool SpoolIsEmpty() {
    return RunUntil(io, [&] { return real.Status().spool_depth() == 0; });
  }
  void ExpectOnceAndInOrder() const {
    for (std::size_t i = 0; i < books.kept.size(); ++i) {
      EXPECT_EQ(books.kept[i].seq, i + 1);
      EXPECT_EQ(books.kept[i].previous, i == 0 ? ContentHash() : HashEvent(books.kept[i - 1]));
    }
  }

  Host real;
};

TEST_F(WithRealEnforcer, BundleBecomesARuleAndIsAcknowledged) {
  EXPECT_TRUE(Reported(EventKind::kBundleAccepted, 1));
  EXPECT_TRUE(Reported(EventKind::kGrantActive, 0));
  const auto rules = real.Read("/run/curfew/sudoers.d/grants");
  ASSERT_TRUE(rules.has_value());
  EXPECT_NE(rules->find("# curfew " + Id(1).Text()), std::string::npos) << *rules;
  EXPECT_TRUE(SpoolIsEmpty()) << "the sealed receipt did not come down";
  ExpectOnceAndInOrder();
}

TEST_F(WithRealEnforcer, ReceiptOfAStrangerDoesNotEmptyTheSpool) {
  ASSERT_TRUE(Reported(EventKind::kGrantActive, 0));
  ASSERT_TRUE(SpoolIsEmpty());
  // From here on the controller's receipts are sealed by a key that no role table names.
  books.UseKeys(TestKey("audit"), TestKey("stranger"));
  real.controller.Draft().grants.clear();
  books.offers[TestHost()] = {real.controller.NextBundle()};
  listener->Push(TestHost());
  ASSERT_TRUE(Reported(EventKind::kBundleAccepted, 2));
  ASSERT_TRUE(Says("the enforcer refused an offer"));
  EXPECT_GT(real.Status().spool_depth(), 0U) << "events were given up for a forged receipt";
}

TEST_F(WithRealEnforcer, EnforcerKilledAndBackLosesNothing) {
  ASSERT_TRUE(Reported(EventKind::kGrantActive, 0));
  real.Kill();
  ASSERT_TRUE(RunUntil(io, [&] { return books.online.empty(); }));
  real.Start();
  ASSERT_TRUE(RunUntil(io, [&] { return books.online.contains(TestHost()); }));
  real.controller.Draft().grants.clear();
  books.offers[TestHost()] = {real.controller.NextBundle()};
  listener->Push(TestHost());
  EXPECT_TRUE(Reported(EventKind::kBundleAccepted, 2));
  EXPECT_TRUE(Reported(EventKind::kGrantEnded, 0));
  EXPECT_TRUE(SpoolIsEmpty());
  ExpectOnceAndInOrder();
}

TEST_F(WithRealEnforcer, ControllerGoneAndBackGetsAllOnce) {
  ASSERT_TRUE(Reported(EventKind::kGrantActive, 0));
  const std::uint16_t port = listener->Port();
  listener->Stop();
  ASSERT_TRUE(RunUntil(io, [&] { return books.online.empty(); }));
  listener.reset();
  // While it is gone the bundle is carried in by hand.
  real.controller.Draft().grants.clear();
  ASSERT_EQ(real.OfferWord(real.controller.NextBundle()), "accepted");
  books.offers[TestHost()].clear();
  ListenerSettings again;
  again.address = "127.0.0.1";
  again.port = port;
  listener =
      AgentListener::Open(io, again, ca.IssueServer({"127.0.0.1"}, kEndOfTime).value(), ca.CertificatePem(), books)
          .value();
  EXPECT_TRUE(Reported(EventKind::kGrantEnded, 0));
  EXPECT_TRUE(SpoolIsEmpty());
  ExpectOnceAndInOrder();
}

}  // namespace
}  // namespace curfew::test
