// SPDX-License-Identifier: Apache-2.0
// A host whose durable state is gone or damaged: its gates stay shut, it says what is wrong, and the
// controller's next word puts it right.
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <thread>

#include "core/host_files.h"
#include "tests/agent/enforcer/lost_state.h"

namespace curfew::test {
namespace {

constexpr const char* kBlock = "/etc/ssh/sshd_config.d/00-curfew.conf";

TEST_F(LostState, KeepsTheGatesShutSaysSoAndComesBackWithTheBundle) {
  Begin();
  const std::uint64_t before = host_.Events().back().seq;
  LoseEverything();
  host_.Start();
  ExpectShut();
  EXPECT_NE(host_.Alarms().find("the bundle of this host is lost"), std::string::npos) << host_.Alarms();
  EXPECT_NE(host_.Alarms().find("systemctl status curfew-link"), std::string::npos);
  EXPECT_EQ(host_.Status().version(), 0U) << "the link asks the controller for it";
  GiveAgain();
  // The controller holds events of before: the record goes on after them, with a word about it.
  const Event& recovered = host_.Await(EventKind::kRecovered);
  EXPECT_EQ(recovered.severity, Severity::kAlarm);
  EXPECT_GT(recovered.seq, before);
  ASSERT_TRUE(host_.AwaitFile(kRules, [](const auto& text) { return text && text->find("#5 ") != std::string::npos; }));
  ExpectGranted();
}

TEST_F(LostState, OfTheTrustedRootIsNotTakenForAHostThatNeverJoined) {
  Begin();
  std::ofstream(host_.Path("/etc/curfew/trusted_root.json")) << "{";
  host_.Await(EventKind::kDrift);
  EXPECT_NE(host_.Alarms().find("trusted_root.json: is not a JSON object"), std::string::npos) << host_.Alarms();
  host_.Kill();
  host_.Start();
  EXPECT_NE(host_.Alarms().find("trusted_root.json: is not a JSON object"), std::string::npos) << host_.Alarms();
  const auto verdict = host_.Offer(host_.controller.Roles());
  EXPECT_EQ(verdict.reason(), "not-enrolled");
  EXPECT_NE(verdict.detail().find("trusted_root.json"), std::string::npos) << verdict.detail();
}

TEST_F(LostState, OfTheTrustedRootHidesNoOther) {
  Begin();
  host_.Kill();
  Sql("UPDATE facts SET value = x'00' WHERE key = 'bundle'");
  host_.Start();
  const auto says = [&](const char* what) { return host_.Alarms().find(what) != std::string::npos; };
  ASSERT_TRUE(says("the stored bundle does not verify"));
  std::ofstream(host_.Path("/etc/curfew/trusted_root.json")) << "{";
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!says("is not a JSON object") && std::chrono::steady_clock::now() < limit) std::this_thread::yield();
  EXPECT_TRUE(says("is not a JSON object") && says("the stored bundle does not verify")) << host_.Alarms();
  host_.Enrol();
  while (says("is not a JSON object") && std::chrono::steady_clock::now() < limit) std::this_thread::yield();
  EXPECT_FALSE(says("is not a JSON object"));
  EXPECT_TRUE(says("the stored bundle does not verify")) << host_.Alarms();
}

TEST_F(LostState, OfOneBundleIsAskedForAgain) {
  Begin();
  host_.Kill();
  Sql("UPDATE facts SET value = x'00' WHERE key = 'bundle'");
  host_.Start();
  ExpectShut();
  EXPECT_NE(host_.Alarms().find("the stored bundle does not verify"), std::string::npos) << host_.Alarms();
  EXPECT_EQ(host_.Status().version(), 0U);
  ASSERT_EQ(host_.OfferWord(host_.controller.Seal(host_.controller.Draft())), "accepted") << "the very same bundle";
  ASSERT_TRUE(host_.AwaitFile(kRules, [](const auto& text) { return text && text->find("#5 ") != std::string::npos; }));
  ExpectGranted();
}

TEST_F(LostState, NeverNarrowsTheBlockThatSshdReads) {
  host_.Run("mkdir -p /run/sshd " + host_.Path("/etc/ssh/sshd_config.d"));
  std::ofstream(host_.Path("/etc/ssh/sshd_config")) << "Include " << host_.Path("/etc/ssh/sshd_config.d/*.conf")
                                                    << "\nUsePAM yes\nAuthorizedKeysFile .ssh/authorized_keys\n";
  std::ofstream(host_.Path(kBlock)) << RenderSshdBlock({});
  Begin();
  const auto holds = [](const auto& text, const char* users) { return text && text->find(users) != std::string::npos; };
  ASSERT_TRUE(host_.AwaitFile(kBlock, [&](const auto& text) { return holds(text, "Match User games"); }));
  LoseEverything();
  host_.Start();
  host_.controller.Draft().managed.push_back(ManagedAccount{Account("man"), Gate{true, true}});
  GiveAgain();
  bool narrowed = false;
  ASSERT_TRUE(host_.AwaitFile(kBlock, [&](const auto& text) {
    narrowed = narrowed || !holds(text, "Match User games");
    return holds(text, "Match User games,man");
  }));
  EXPECT_FALSE(narrowed) << "the account's own keys counted again for a while";
}

TEST_F(LostState, OfTheManagedListIsNoReasonToSayThatNobodyIsGated) {
  Begin();
  host_.Kill();
  Sql("UPDATE facts SET value = x'00' WHERE key = 'bundle'");
  host_.Run("rm " + host_.Path(kManaged));
  host_.Start();
  EXPECT_EQ(host_.Read(kManaged), std::nullopt);
  ASSERT_EQ(host_.OfferWord(host_.controller.Seal(host_.controller.Draft())), "accepted");
  ASSERT_TRUE(host_.AwaitFile(kManaged, [](const auto& text) { return text == "games 5 both\n"; }));
}

// Not lost but damaged, at its head or somewhere inside: nothing of it is trusted, nothing stands because of it, and what can
// be read of it by hand is kept.
class DamagedState : public LostState, public ::testing::WithParamInterface<int> {};

TEST_P(DamagedState, IsSetAsideAndAllThatItGaveIsTakenAway) {
  Begin();
  ASSERT_NE(host_.Read(kRules).value_or("").find("#5 "), std::string::npos);
  host_.Kill();
  Damage(GetParam());
  host_.Start();
  ExpectShut();
  EXPECT_NE(host_.Alarms().find("the bundle of this host is lost"), std::string::npos) << host_.Alarms();
  EXPECT_TRUE(host_.Read("/var/lib/curfew/state/state.db.damaged").has_value());
  GiveAgain();
  const Event& said = host_.Await(EventKind::kRecovered);
  EXPECT_EQ(said.severity, Severity::kAlarm);
  EXPECT_NE(said.detail.find("was damaged and begins anew"), std::string::npos) << said.detail;
  ASSERT_TRUE(host_.AwaitFile(kRules, [](const auto& text) { return text && text->find("#5 ") != std::string::npos; }));
  EXPECT_TRUE(host_.Asks(kCurfewAccount, kCurfewSudo, "games"));
}

INSTANTIATE_TEST_SUITE_P(At, DamagedState, ::testing::Values(0, 4096, 8192));

// A power cut may come after the first step of it: a log alone must bring nothing back.
TEST_F(LostState, SetAsideHalfWayLeavesALogThatBringsNothingBack) {
  Begin();
  host_.Kill();
  ASSERT_NE(host_.Read(std::string(kState) + "-wal").value_or(""), "") << "the bundle is in the log";
  host_.Run("mv " + host_.Path(kState) + " " + host_.Path(kState) + ".damaged");
  host_.Start();
  ExpectShut();
  EXPECT_EQ(host_.Status().version(), 0U);
}

TEST_F(LostState, SetAsideTwiceKeepsTheFirst) {
  Begin();
  host_.Kill();
  std::ofstream(host_.Path(std::string(kState) + ".damaged")) << "the first";
  Damage(0);
  host_.Start();
  ExpectShut();
  EXPECT_EQ(host_.Read(std::string(kState) + ".damaged"), "the first");
  EXPECT_TRUE(host_.Read(std::string(kState) + ".damaged-latest").has_value());
}

// sshd waits at boot for what is done before readiness: a spool that grew for weeks is not read then, who may come in is.
TEST_F(LostState, OfALargeSpoolIsNotLookedForAtTheStart) {
  Begin();
  host_.Kill();
  Sql("CREATE TABLE large(part BLOB); INSERT INTO large VALUES(zeroblob(20000000))");
  Damage(16'000'000 / 4096 * 4096);
  host_.Start();
  ExpectGranted();
  EXPECT_EQ(host_.Read(std::string(kState) + ".damaged"), std::nullopt);
  host_.Kill();
  Damage(4096);
  host_.Start();
  ExpectShut();
  EXPECT_TRUE(host_.Read(std::string(kState) + ".damaged").has_value());
}

// What stands in the spool cannot be read back: the rest goes on to the controller, in the same order and chain.
TEST_F(LostState, OfOneEventStopsNoOther) {
  Begin();
  host_.Kill();
  const std::uint64_t before = host_.Events().back().seq;
  Sql("UPDATE facts SET value = CAST(CAST(CAST(value AS TEXT) AS INTEGER) + 1 AS TEXT) WHERE key = 'seq'");
  Sql("INSERT INTO spool(seq, event) SELECT CAST(CAST(value AS TEXT) AS INTEGER), x'ff00' FROM facts WHERE key = 'seq'");
  host_.Start();
  const Event& lost = host_.Await(EventKind::kRecovered);
  EXPECT_GT(lost.seq, before);
  EXPECT_EQ(lost.severity, Severity::kAlarm);
  EXPECT_EQ(lost.outcome, "unreadable");
  EXPECT_NE(host_.Await(EventKind::kDrift).detail.find("the record of this host"), std::string::npos);
  EXPECT_EQ(host_.OfferWord("rubbish"), "malformed");
  host_.Await(EventKind::kReject);
  host_.Await(EventKind::kRepaired);
  ExpectGranted();
}

// It was sent, and taken; the receipt was lost, and now it cannot be read back. A word in its place would be a second event of
// its number.
TEST_F(LostState, OfAnEventThatTheControllerHoldsChangesNothingOfTheRecord) {
  Begin();
  EXPECT_EQ(host_.OfferWord("rubbish"), "malformed");
  host_.HearInVain(EventKind::kReject);
  const std::uint64_t last = host_.Events().back().seq;
  host_.Kill();
  Sql("UPDATE spool SET event = x'ff00'");
  host_.Start();
  host_.controller.Draft().grants.push_back(GrantOn(2, "games", ReadNow().utc, ReadNow().utc + Seconds{600}));
  ASSERT_EQ(host_.OfferWord(host_.controller.NextBundle()), "accepted");
  host_.Await(EventKind::kGrantActive, Id(2).Text());
  EXPECT_GT(host_.Events().back().seq, last);
  EXPECT_EQ(host_.Count(EventKind::kRecovered), 0U) << "nothing of it is lost";
}

}  // namespace
}  // namespace curfew::test
