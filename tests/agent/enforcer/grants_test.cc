// SPDX-License-Identifier: Apache-2.0
// The life of a grant on a host, seen in its files and in its spool.
#include <gtest/gtest.h>

#include "core/codec.h"
#include "os/machine.h"
#include "tests/agent/enforcer/host.h"

namespace curfew::test {
namespace {

constexpr const char* kRules = "/run/curfew/sudoers.d/grants";
constexpr const char* kKeys = "/run/curfew/keys/games";

ManagedAccount Games() { return ManagedAccount{Account("games"), Gate{true, true}}; }

Receipt ReceiptIn(const Event& event) {
  const auto verified = Verify(event.attachment, Purpose::kReceipt, Role{1, {TestKey("audit").Public()}});
  EXPECT_EQ(Denied(verified), nullptr);
  return DecodeReceipt(std::get<Verified>(verified)).value();
}

TEST(Grants, AppearAndAreGoneAtTheirEndWithAReceipt) {
  Host host;
  host.Start();
  const Instant start = ReadNow().utc;
  host.controller.Draft().managed = {Games()};
  host.controller.Draft().grants = {GrantOn(1, "games", start, start + Seconds{3})};
  host.Give();
  const Instant end = host.controller.Draft().grants.front().end;
  host.Await(EventKind::kGrantActive, Id(1).Text());
  EXPECT_NE(host.Read(kRules).value().find("#5 "), std::string::npos) << *host.Read(kRules);
  EXPECT_NE(host.Read(kKeys).value().find(SomeLoginKey().Text()), std::string::npos);
  EXPECT_EQ(host.Read("/var/lib/curfew/managed"), "games 5 both\n");
  EXPECT_TRUE(host.Asks(kCurfewAccount, kCurfewSshd, "games"));
  EXPECT_TRUE(host.Asks(kCurfewAccount, kCurfewSudo, "games"));

  const Event ended = host.Await(EventKind::kGrantEnded, Id(1).Text());
  EXPECT_GE(ended.at, end - Millis{5}) << "two clocks are read one after the other, and the earlier deadline counts";
  EXPECT_LT(ended.at, end + Seconds{1});
  EXPECT_EQ(ended.outcome, "expired");
  EXPECT_EQ(host.Read(kRules).value().find("#5 "), std::string::npos);
  EXPECT_EQ(host.Read(kKeys), std::nullopt);
  EXPECT_FALSE(host.Asks(kCurfewAccount, kCurfewSshd, "games"));
  EXPECT_FALSE(host.Asks(kCurfewAccount, kCurfewSudo, "games"));

  const Receipt receipt = ReceiptIn(host.Await(EventKind::kReceipt, Id(1).Text()));
  EXPECT_EQ(receipt.grant, Id(1));
  EXPECT_EQ(receipt.cause, "expired");
  EXPECT_TRUE(receipt.rule_gone);
  EXPECT_TRUE(receipt.key_gone);
  EXPECT_TRUE(receipt.survivors.empty());
}

TEST(Grants, IntentAndAcceptanceAreWrittenBeforeAnythingIsGiven) {
  Host host;
  host.Start();
  const Instant now = ReadNow().utc;
  host.controller.Draft().managed = {Games()};
  host.controller.Draft().grants = {GrantOn(1, "games", now, now + Seconds{600})};
  host.Give();
  host.Await(EventKind::kGrantActive, Id(1).Text());
  std::vector<EventKind> kinds;
  for (const auto& event : host.Events()) kinds.push_back(event.kind);
  EXPECT_EQ(kinds, (std::vector<EventKind>{EventKind::kBundleAccepted, EventKind::kGrantIntent, EventKind::kGrantActive}));
}

TEST(Grants, ATombstoneEndsOneOfTwoAndLeavesExactlyTheOther) {
  Host host;
  host.Start();
  const Instant now = ReadNow().utc;
  auto& draft = host.controller.Draft();
  draft.managed = {Games()};
  draft.grants = {GrantOn(1, "games", now, now + Seconds{600}), GrantOn(2, "games", now, now + Seconds{900})};
  host.Give();
  host.Await(EventKind::kGrantActive, Id(1).Text());
  host.Await(EventKind::kGrantActive, Id(2).Text());
  const Grant kept = draft.grants[1];
  draft.ended = {Tombstone{Id(1), FromUnixSeconds(UnixSeconds(now)), draft.grants[0].end, "returned"}};
  draft.grants = {kept};
  ASSERT_EQ(host.OfferWord(host.controller.NextBundle()), "accepted");
  EXPECT_EQ(host.Await(EventKind::kGrantEnded, Id(1).Text()).outcome, "returned");
  EXPECT_EQ(ReceiptIn(host.Await(EventKind::kReceipt, Id(1).Text())).cause, "returned");
  EXPECT_EQ(host.Read(kRules).value().find(Id(1).Text()), std::string::npos);
  EXPECT_NE(host.Read(kRules).value().find(Id(2).Text()), std::string::npos);
  EXPECT_EQ(host.Read(kKeys).value().find(Id(1).Text()), std::string::npos);
  EXPECT_NE(host.Read(kKeys).value().find(Id(2).Text()), std::string::npos);
  EXPECT_TRUE(host.Asks(kCurfewAccount, kCurfewSudo, "games"));
}

TEST(Grants, ComeBackFromTheSealedBundleAfterACrash) {
  Host host;
  host.Start();
  const Instant now = ReadNow().utc;
  host.controller.Draft().managed = {Games()};
  host.controller.Draft().grants = {GrantOn(1, "games", now, now + Seconds{600})};
  host.Give();
  host.Await(EventKind::kGrantActive, Id(1).Text());
  host.Kill();
  // What tmpfs would have lost in a power cut.
  host.Run("rm -rf " + host.Path("/run/curfew"));
  host.Run("mkdir -m 755 " + host.Path("/run/curfew"));
  host.Start();
  EXPECT_TRUE(host.Asks(kCurfewAccount, kCurfewSudo, "games"));
  EXPECT_EQ(host.Status().version(), 1U);
}

TEST(Grants, ThatEndWhileNobodyRunsGetTheirReceiptAtTheNextStart) {
  Host host;
  host.Start();
  const Instant now = ReadNow().utc;
  host.controller.Draft().managed = {Games()};
  host.controller.Draft().grants = {GrantOn(1, "games", now, now + Seconds{600})};
  host.Give();
  host.Await(EventKind::kGrantActive, Id(1).Text());
  ASSERT_EQ(host.OfferWord(host.controller.Revocation(Id(1), now)), "accepted");
  host.Kill();
  host.Start();
  EXPECT_EQ(ReceiptIn(host.Await(EventKind::kReceipt, Id(1).Text())).cause, "revoked");
  EXPECT_EQ(host.Read(kKeys), std::nullopt);
  EXPECT_EQ(host.Count(EventKind::kGrantEnded), 1U);
}

TEST(Grants, OnAnAccountThatDoesNotExistFailAndGiveNothing) {
  Host host;
  host.Start();
  const Instant now = ReadNow().utc;
  host.controller.Draft().managed = {ManagedAccount{Account("no-such-account"), Gate{true, true}}};
  host.controller.Draft().grants = {GrantOn(1, "no-such-account", now, now + Seconds{600})};
  host.Give();
  EXPECT_EQ(host.Await(EventKind::kGrantFailed, Id(1).Text()).outcome, "no-account");
  EXPECT_EQ(host.Read("/run/curfew/keys/no-such-account"), std::nullopt);
  EXPECT_EQ(host.Read("/var/lib/curfew/managed"), "no-such-account 4294967295 both\n") << "it may come tomorrow, with keys of its own";
}

}  // namespace
}  // namespace curfew::test
