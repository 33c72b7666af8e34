// SPDX-License-Identifier: Apache-2.0
// A host whose durable state is gone, damaged, or of another time: its gates stay shut, it says what is wrong, and the
// controller's next word puts it right.
#include <gtest/gtest.h>

#include <fstream>

#include "core/host_files.h"
#include "os/machine.h"
#include "os/sqlite.h"
#include "tests/agent/enforcer/host.h"

namespace curfew::test {
namespace {

constexpr const char* kRules = "/run/curfew/sudoers.d/grants";
constexpr const char* kManaged = "/var/lib/curfew/managed";
constexpr const char* kBlock = "/etc/ssh/sshd_config.d/00-curfew.conf";

class LostState : public ::testing::Test {
 protected:
  void Begin(Seconds length = Seconds{600}) {
    host_.Start();
    const Instant now = ReadNow().utc;
    host_.controller.Draft().managed = {ManagedAccount{Account("games"), Gate{true, true}}};
    host_.controller.Draft().grants = {GrantOn(1, "games", now, now + length)};
    host_.Give();
    host_.Await(EventKind::kGrantActive, Id(1).Text());
  }
  void Sql(const std::string& statement) const {
    auto database = Database::Open(host_.Path("/var/lib/curfew/state/state.db"));
    ASSERT_TRUE(database.has_value()) << database.error().Text();
    ASSERT_TRUE(database->Run(statement).has_value());
  }
  void LoseEverything() {
    host_.Kill();
    host_.Run("rm " + host_.Path("/var/lib/curfew/state/state.db") + "*");
  }
  void ExpectShut() const {
    EXPECT_EQ(host_.Read(kManaged), "games 5 both\n");
    EXPECT_EQ(host_.Read(kRules).value_or("").find("#5 "), std::string::npos);
    EXPECT_FALSE(host_.Asks(kCurfewAccount, kCurfewSshd, "games"));
    EXPECT_FALSE(host_.Asks(kCurfewAccount, kCurfewSudo, "games"));
  }
  void ExpectGranted() const {
    EXPECT_TRUE(host_.Asks(kCurfewAccount, kCurfewSudo, "games"));
    EXPECT_EQ(host_.Read(kManaged), "games 5 both\n");
    EXPECT_EQ(host_.Alarms(), "");
  }
  /// As a new bundle of the controller's, which knows nothing of what was lost.
  void GiveAgain() {
    ASSERT_EQ(host_.OfferWord(host_.controller.Roles()), "accepted");
    ASSERT_EQ(host_.OfferWord(host_.controller.NextBundle()), "accepted");
  }
  Host host_;
};

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

// By `leave` and `join`, or because the files of /etc/curfew were exchanged.
TEST_F(LostState, OfAnotherControllerIsNotFollowed) {
  Begin();
  host_.Kill();
  host_.controller.BecomeAnother("another root");
  host_.Enrol();
  host_.Start();
  EXPECT_EQ(host_.Status().version(), 0U);
  EXPECT_LE(host_.Status().spool_seq(), 2U) << "the record begins anew, too";
  host_.controller.Draft().grants.clear();
  GiveAgain();
  EXPECT_EQ(host_.Status().version(), 1U) << "no mark of the other controller's stands in its way";
  const Event& recovered = host_.Await(EventKind::kRecovered);
  EXPECT_NE(recovered.detail.find("another controller's"), std::string::npos) << recovered.detail;
  host_.Kill();
  host_.Start();
  EXPECT_EQ(host_.Status().version(), 1U) << "its own state is followed";
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
  Sql("PRAGMA wal_checkpoint(TRUNCATE)");
  const std::string database = host_.Path("/var/lib/curfew/state/state.db");
  {
    std::fstream file(database, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(GetParam());
    file << std::string(4096, 'x');
    ASSERT_TRUE(file.good());
  }
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

class SetBack : public LostState {
 protected:
  /// A machine that was started anew with its clock an hour behind what the controller signed last.
  void StartBehind() {
    Begin(Seconds{3 * 3600});
    host_.Kill();
    const auto later = (ReadNow().utc + Seconds{3600}).time_since_epoch().count();
    Sql("UPDATE facts SET value = '" + std::to_string(later) + "' WHERE key = 'highest'");
    Sql("UPDATE facts SET value = 'another boot' WHERE key = 'highest_boot'");
    host_.Start();
  }
};

TEST_F(SetBack, ClockOfANewBootGrantsNothingUntilANewerSignedTimeComes) {
  StartBehind();
  ExpectShut();
  EXPECT_NE(host_.Alarms().find("the clock was set back"), std::string::npos) << host_.Alarms();
  // Its alarm is delivered, and the receipt is signed at a time that is older than the mark: that says nothing.
  host_.Await(EventKind::kHighestTime);
  ExpectShut();
  host_.controller.SetAhead(Seconds{7200});
  EXPECT_EQ(host_.OfferWord("rubbish"), "malformed");
  host_.Await(EventKind::kReject);
  ASSERT_TRUE(host_.AwaitFile(kRules, [](const auto& text) { return text && text->find("#5 ") != std::string::npos; }));
  ExpectGranted();
  EXPECT_EQ(host_.Count(EventKind::kGrantEnded), 0U) << "it was held back, not ended";
}

TEST_F(SetBack, ClockDoesNotLengthenAGrantThatIsOverByTheTimeThatIsHeard) {
  StartBehind();
  host_.controller.SetAhead(Seconds{4 * 3600});
  EXPECT_EQ(host_.Await(EventKind::kGrantEnded, Id(1).Text()).outcome, "expired");
  ExpectShut();
}

// The controller itself was started with a clock a year ahead, and was put right.
TEST_F(SetBack, MarkOfAControllerWhoseClockWasAheadComesDownWithItsNextBundle) {
  Begin();
  host_.controller.SetAhead(Seconds{365 * 86400});
  EXPECT_EQ(host_.OfferWord("rubbish"), "malformed");
  host_.Await(EventKind::kGrantEnded, Id(1).Text());
  host_.controller.SetAhead(Seconds{0});
  const Instant now = ReadNow().utc;
  host_.controller.Draft().grants = {GrantOn(2, "games", now, now + Seconds{600})};
  ASSERT_EQ(host_.OfferWord(host_.controller.NextBundle()), "accepted");
  host_.Await(EventKind::kGrantActive, Id(2).Text());
  ExpectGranted();
  host_.Kill();
  host_.Start();
  ExpectGranted();
}

// The controller is away; its bundle was signed and heard 550 seconds ago by the boot clock, and the clock was set back since.
TEST_F(SetBack, ClockLengthensNoGrantThroughARestart) {
  Begin();
  host_.Kill();
  const Now now = ReadNow();
  const auto millis = [](auto moment) { return std::to_string(moment.time_since_epoch().count()); };
  Sql("UPDATE facts SET value = '" + millis(now.utc + Seconds{100}) + "' WHERE key = 'highest'");
  Sql("UPDATE facts SET value = '" + millis(now.boot - Seconds{550}) + "' WHERE key = 'heard'");
  host_.Start();
  EXPECT_EQ(host_.Await(EventKind::kGrantEnded, Id(1).Text()).outcome, "expired");
  ExpectShut();
}

TEST_F(SetBack, ClockIsNoReasonToDistrustTheBootInWhichTheTimeWasHeard) {
  host_.controller.SetAhead(Seconds{30});
  Begin();
  ExpectGranted();
  host_.Kill();
  host_.Start();
  ExpectGranted();
}

}  // namespace
}  // namespace curfew::test
