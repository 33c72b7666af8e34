// SPDX-License-Identifier: Apache-2.0
// What a host takes and what it refuses: ATTACKS A1, A4, B1, B3, B6, and forged receipts for events. A refusal changes
// nothing and is an event.
#include <gtest/gtest.h>

#include "core/codec.h"
#include "os/machine.h"
#include "tests/agent/enforcer/host.h"

namespace curfew::test {
namespace {

class Offers : public ::testing::Test {
 protected:
  void SetUp() override {
    host_.Start();
    const Instant now = ReadNow().utc;
    auto& draft = host_.controller.Draft();
    draft.managed = {ManagedAccount{Account("games"), Gate{true, true}}};
    draft.grants = {GrantOn(1, "games", now, now + Seconds{600})};
    ASSERT_EQ(host_.OfferWord(host_.controller.Roles()), "accepted");
  }
  /// What must not change when something is refused.
  [[nodiscard]] std::string Access() const {
    return host_.Read("/run/curfew/sudoers.d/grants").value_or("-") + host_.Read("/run/curfew/keys/games").value_or("-") +
           host_.Read("/var/lib/curfew/managed").value_or("-") + std::to_string(host_.Status().version());
  }
  Host host_;
};

TEST_F(Offers, AnOlderBundleIsARollbackAlsoAfterARestart) {
  const std::string first = host_.controller.NextBundle();
  const std::string second = host_.controller.NextBundle();
  ASSERT_EQ(host_.OfferWord(first), "accepted");
  ASSERT_EQ(host_.OfferWord(second), "accepted");
  host_.Await(EventKind::kGrantActive, Id(1).Text());
  const std::string access = Access();
  EXPECT_EQ(host_.OfferWord(first), "rollback");
  EXPECT_EQ(host_.Await(EventKind::kRollback).outcome, "rollback");
  host_.Kill();
  host_.Start();
  EXPECT_EQ(host_.OfferWord(first), "rollback");
  EXPECT_EQ(Access(), access);
}

TEST_F(Offers, TheSameBundleAgainIsAcceptedAndMakesNoEvent) {
  const std::string bundle = host_.controller.NextBundle();
  ASSERT_EQ(host_.OfferWord(bundle), "accepted");
  ASSERT_EQ(host_.OfferWord(bundle), "accepted");
  host_.Await(EventKind::kGrantActive, Id(1).Text());
  EXPECT_EQ(host_.Count(EventKind::kBundleAccepted), 1U);
}

TEST_F(Offers, AnyFlippedByteIsRefusedAndChangesNothing) {
  const std::string sealed = host_.controller.NextBundle();
  ASSERT_EQ(host_.OfferWord(sealed), "accepted");
  host_.Await(EventKind::kGrantActive, Id(1).Text());
  const std::string access = Access();
  const std::string next = host_.controller.NextBundle();
  // core's own suite flips every bit; here one byte of each part of the frame goes through the whole process.
  for (const std::size_t at : {std::size_t{0}, std::size_t{4}, std::size_t{5}, std::size_t{6}, std::size_t{20}, std::size_t{60},
                               std::size_t{120}, next.size() - 1}) {
    std::string flipped = next;
    flipped[at] = static_cast<char>(flipped[at] ^ 1);
    EXPECT_NE(host_.OfferWord(flipped), "accepted") << "byte " << at;
  }
  host_.Await(EventKind::kReject);
  EXPECT_EQ(Access(), access);
}

TEST_F(Offers, RefusalsAreEventsButCannotFillTheDisk) {
  const BootInstant start = ReadNow().boot;
  for (int i = 0; i < 100; ++i) ASSERT_EQ(host_.OfferWord("rubbish"), "malformed");
  host_.Await(EventKind::kReject);
  // Ten at once and one for each second since, as counted here; two more for what a start itself has to say.
  const auto seconds = static_cast<std::uint64_t>((ReadNow().boot - start) / Seconds{1});
  EXPECT_LE(host_.Status().spool_seq(), 12U + seconds + 1U);
}

TEST_F(Offers, RubbishAndDenialsHideNoRollback) {
  const std::string first = host_.controller.NextBundle();
  ASSERT_EQ(host_.OfferWord(first), "accepted");
  ASSERT_EQ(host_.OfferWord(host_.controller.NextBundle()), "accepted");
  for (int i = 0; i < 200; ++i) {
    ASSERT_EQ(host_.OfferWord("rubbish"), "malformed");
    ASSERT_FALSE(host_.Asks(kCurfewAccount, kCurfewSshd, "games-not"));
  }
  ASSERT_EQ(host_.OfferWord(first), "rollback");
  host_.Await(EventKind::kRollback);
}

TEST_F(Offers, ASignatureForOnePurposeIsNoneForAnother) {
  const auto bundle = host_.controller.Draft();
  for (const Purpose purpose : {Purpose::kRoles, Purpose::kRevocation, Purpose::kDelivered, Purpose::kLease, Purpose::kReceipt}) {
    const std::string sealed = Seal(purpose, EncodeBundle(bundle), TestKey("bundle")).value();
    std::string as_bundle = sealed;
    as_bundle[5] = static_cast<char>(Purpose::kBundle);
    EXPECT_NE(host_.OfferWord(sealed), "accepted");
    EXPECT_NE(host_.OfferWord(as_bundle), "accepted");
  }
  EXPECT_EQ(host_.Status().version(), 0U);
}

TEST_F(Offers, ABundleOfAnotherHostOrKeyIsRefused) {
  Bundle bundle = host_.controller.Draft();
  bundle.version = 1;
  bundle.issued = ReadNow().utc;
  EXPECT_EQ(host_.OfferWord(Seal(Purpose::kBundle, EncodeBundle(bundle), TestKey("lease")).value()), "bad-signature");
  bundle.host = HostId::FromBytes(TestKey("other").Public().Id().Raw()).value();
  EXPECT_EQ(host_.OfferWord(host_.controller.Seal(bundle)), "other-host");
  host_.Await(EventKind::kReject);
  EXPECT_EQ(host_.Read("/run/curfew/keys/games"), std::nullopt);
}

TEST_F(Offers, ABrokenChainAtTheNextVersionIsRefused) {
  ASSERT_EQ(host_.OfferWord(host_.controller.NextBundle()), "accepted");
  Bundle next = host_.controller.Draft();
  ++next.version;
  next.previous = Sha256("something else");
  EXPECT_EQ(host_.OfferWord(host_.controller.Seal(next)), "broken-chain");
}

TEST_F(Offers, AForgedReceiptForEventsTrimsNothing) {
  ASSERT_EQ(host_.OfferWord(host_.controller.NextBundle()), "accepted");
  host_.Await(EventKind::kBundleAccepted);
  ASSERT_EQ(host_.OfferWord(host_.controller.NextBundle()), "accepted");
  LinkWire link(host_.Path("/run/curfew/link.sock"));
  link.Send(LocalKind::kSubscribe, {});
  auto batch = link.Receive();
  while (batch && batch->kind == LocalKind::kStatusAnswer) batch = link.Receive();
  ASSERT_TRUE(batch.has_value());
  const auto verified = Verify(batch->body, Purpose::kEvents, Role{1, {TestKey("audit").Public()}});
  const auto events = DecodeEventBatch(std::get<Verified>(verified)).value().events;
  const auto depth = host_.Status().spool_depth();
  Event other = events.back();
  other.detail = "another history";
  EXPECT_EQ(host_.OfferWord(host_.controller.Delivered(other)), "broken-chain");
  EXPECT_EQ(host_.OfferWord(Seal(Purpose::kDelivered, EncodeDelivered(Delivered{TestHost(), events.back().seq, HashEvent(events.back()), ReadNow().utc}),
                                 TestKey("bundle")).value()),
            "bad-signature");
  Event ahead = events.back();
  ahead.seq += 1000;
  EXPECT_NE(host_.OfferWord(host_.controller.Delivered(ahead)), "accepted");
  EXPECT_GE(host_.Status().spool_depth(), depth);
  EXPECT_EQ(host_.OfferWord(host_.controller.Delivered(events.back())), "accepted");
}

TEST_F(Offers, ARevocationEndsAGrantThatNoLaterOfferOfTheSameBundleRevives) {
  const std::string bundle = host_.controller.NextBundle();
  ASSERT_EQ(host_.OfferWord(bundle), "accepted");
  host_.Await(EventKind::kGrantActive, Id(1).Text());
  ASSERT_EQ(host_.OfferWord(host_.controller.Revocation(Id(1), ReadNow().utc)), "accepted");
  EXPECT_EQ(host_.Await(EventKind::kGrantEnded, Id(1).Text()).outcome, "revoked");
  EXPECT_EQ(host_.Read("/run/curfew/keys/games"), std::nullopt);
  ASSERT_EQ(host_.OfferWord(host_.controller.NextBundle()), "accepted");
  EXPECT_EQ(host_.Read("/run/curfew/keys/games"), std::nullopt);
}

// The controller sends the small revocation first; only the bundle after it says why.
TEST_F(Offers, TheCauseOfAnEndIsTheTombstonesNotTheRevocations) {
  ASSERT_EQ(host_.OfferWord(host_.controller.NextBundle()), "accepted");
  host_.Await(EventKind::kGrantActive, Id(1).Text());
  const Instant now = ReadNow().utc;
  ASSERT_EQ(host_.OfferWord(host_.controller.Revocation(Id(1), now)), "accepted");
  EXPECT_EQ(host_.Read("/run/curfew/keys/games"), std::nullopt) << "taken away before anybody says why";
  const Instant until = FromUnixSeconds(UnixSeconds(now)) + Seconds{3600};
  host_.controller.Draft().ended = {Tombstone{Id(1), FromUnixSeconds(UnixSeconds(now)), until, "returned"}};
  ASSERT_EQ(host_.OfferWord(host_.controller.NextBundle()), "accepted");
  EXPECT_EQ(host_.Await(EventKind::kGrantEnded, Id(1).Text()).outcome, "returned");
  const Event& receipt = host_.Await(EventKind::kReceipt, Id(1).Text());
  EXPECT_NE(receipt.attachment.find("returned"), std::string::npos);
  EXPECT_EQ(host_.Count(EventKind::kGrantEnded), 1U);
}

TEST_F(Offers, RevokeAllEndsEverythingHere) {
  host_.controller.Draft().managed.push_back({Account("man"), Gate{true, true}});
  host_.controller.Draft().grants.push_back(GrantOn(2, "man", ReadNow().utc, ReadNow().utc + Seconds{900}));
  ASSERT_EQ(host_.OfferWord(host_.controller.NextBundle()), "accepted");
  host_.Await(EventKind::kGrantActive, Id(1).Text());
  host_.Await(EventKind::kGrantActive, Id(2).Text());
  proto::LocalVerdict verdict;
  verdict.ParseFromString(LinkWire(host_.Path("/run/curfew/link.sock")).Ask(LocalKind::kRevokeAll, {}));
  EXPECT_TRUE(verdict.accepted());
  host_.Await(EventKind::kReceipt, Id(1).Text());
  host_.Await(EventKind::kReceipt, Id(2).Text());
  EXPECT_EQ(host_.Status().grants_size(), 0);
}

TEST_F(Offers, CeilingsThatComeDownTakeExactlyWhatTheyDenyAtOnceAndAfterARestart) {
  auto& grants = host_.controller.Draft().grants;
  grants.push_back(GrantOn(2, "games", grants[0].start, grants[0].end));
  grants.back().sudo->commands = std::vector<Command>{Command::Parse({"/usr/bin/id"}).value()};
  ASSERT_EQ(host_.OfferWord(host_.controller.NextBundle()), "accepted");
  host_.Await(EventKind::kGrantActive, Id(1).Text());
  host_.Await(EventKind::kGrantActive, Id(2).Text());
  host_.controller.Limits().full_root = false;
  ASSERT_EQ(host_.OfferWord(host_.controller.Roles(2)), "accepted");
  const Event& ended = host_.Await(EventKind::kGrantEnded, Id(1).Text());
  EXPECT_EQ(ended.outcome, "condition");
  EXPECT_NE(ended.detail.find("full root is not allowed on this host"), std::string::npos) << ended.detail;
  const std::string access = Access();
  EXPECT_EQ(access.find(Id(1).Text()), std::string::npos) << access;
  EXPECT_NE(access.find(Id(2).Text()), std::string::npos) << access;
  EXPECT_TRUE(host_.Asks(kCurfewAccount, kCurfewSudo, "games"));
  host_.Kill();
  host_.Start();
  EXPECT_EQ(Access(), access);
  EXPECT_EQ(host_.Count(EventKind::kGrantEnded), 1U);
  EXPECT_EQ(host_.Alarms(), "");
}

TEST_F(Offers, WithoutTheKeyThatSignedItTheBundleInForceGivesNothing) {
  ASSERT_EQ(host_.OfferWord(host_.controller.NextBundle()), "accepted");
  host_.Await(EventKind::kGrantActive, Id(1).Text());
  ASSERT_TRUE(host_.Asks(kCurfewAccount, kCurfewSudo, "games"));
  ASSERT_EQ(host_.OfferWord(host_.controller.Roles(2, "another")), "accepted");
  EXPECT_FALSE(host_.Asks(kCurfewAccount, kCurfewSudo, "games"));
  EXPECT_EQ(Access().find(Id(1).Text()), std::string::npos) << Access();
  EXPECT_EQ(host_.Read("/var/lib/curfew/managed"), "games 5 both\n");
  EXPECT_NE(host_.Alarms().find("the stored bundle does not verify"), std::string::npos) << host_.Alarms();
  EXPECT_EQ(host_.Status().version(), 0U) << "the controller is asked for it, signed anew";
  ASSERT_EQ(host_.OfferWord(host_.controller.Roles(3)), "accepted");
  EXPECT_TRUE(host_.Asks(kCurfewAccount, kCurfewSudo, "games")) << "its key signs again, and nothing was ended";
}

TEST_F(Offers, NobodyButRootAndTheLinkIsHeard) {
  ASSERT_EQ(host_.OfferWord(host_.controller.NextBundle()), "accepted");
  // The mode alone would keep `nobody` out; the peer's uid is what is tested here.
  host_.Run("chmod 666 " + host_.Path("/run/curfew/link.sock") + " " + host_.Path("/run/curfew/gate.sock"));
  auto as_nobody = Child::Start({"/usr/bin/setpriv", "--reuid=65534", "--clear-groups", "/usr/bin/perl", "-MSocket", "-e",
                                 "$SIG{PIPE}=q(IGNORE); socket(S,AF_UNIX,SOCK_STREAM,0); connect(S,sockaddr_un($ARGV[0])) or exit 3; syswrite(S,pack('NCxxx',0,4)); "
                                 "exit(sysread(S,$b,8)?4:0)",
                                 host_.Path("/run/curfew/link.sock")});
  ASSERT_TRUE(as_nobody.has_value());
  EXPECT_EQ(as_nobody->Wait(Millis{10000}).status, 0) << "the connection must be closed without an answer";
  EXPECT_EQ(host_.Status().grants_size(), 1);
}

TEST(Unenrolled, AnswersStatusRefusesOffersAndGatesNobody) {
  Host host(false);
  host.Start();
  EXPECT_FALSE(host.Status().enrolled());
  EXPECT_EQ(host.OfferWord(host.controller.Roles()), "not-enrolled");
  EXPECT_TRUE(host.AwaitFile("/var/lib/curfew/managed", [](const auto& text) { return text == ""; }));
  host.Enrol();
  const ChildEnd end = host.AwaitEnd();
  EXPECT_EQ(end.status, 0) << "systemd starts it again: " << end.output;
  host.Start();
  EXPECT_TRUE(host.Status().enrolled());
  EXPECT_EQ(host.OfferWord(host.controller.Roles()), "accepted");
}

TEST(Twice, ASecondEnforcerSaysSoAndLeaves) {
  Host host;
  host.Start();
  const ChildEnd end = host.RunAnother();
  EXPECT_EQ(end.status, 1);
  EXPECT_NE(end.output.find("the lock is held"), std::string::npos) << end.output;
}

}  // namespace
}  // namespace curfew::test
