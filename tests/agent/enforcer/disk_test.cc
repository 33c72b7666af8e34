// SPDX-License-Identifier: Apache-2.0
// A disk that is really full, a file system that is really read-only: what takes away is obeyed, what gives waits, and
// nothing that was ended lives again after a restart.
#include <gtest/gtest.h>

#include "os/machine.h"
#include "tests/agent/enforcer/host.h"
#include "tests/agent/enforcer/small_disk.h"

namespace curfew::test {
namespace {

constexpr const char* kRules = "/run/curfew/sudoers.d/grants";
constexpr const char* kKeys = "/run/curfew/keys/games";
constexpr const char* kOthersKeys = "/run/curfew/keys/man";

class Disk : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(SmallDisk::OwnMounts()); }
  void Begin(bool with_login = true) {
    host_.Start();
    const Instant now = ReadNow().utc;
    auto& draft = host_.controller.Draft();
    draft.managed = {ManagedAccount{Account("games"), Gate{true, true}}, ManagedAccount{Account("man"), Gate{true, true}}};
    draft.grants = {GrantOn(1, "games", now, now + Seconds{600}), GrantOn(2, "man", now, now + Seconds{600})};
    for (auto& grant : draft.grants) {
      if (!with_login) grant.login.reset();
    }
    host_.Give();
    host_.Await(EventKind::kGrantActive, Id(1).Text());
    host_.Await(EventKind::kGrantActive, Id(2).Text());
  }
  /// Ends the first grant.
  std::string TakeOne() {
    auto& draft = host_.controller.Draft();
    draft.ended = {Tombstone{Id(1), FromUnixSeconds(UnixSeconds(ReadNow().utc)), draft.grants[0].end, "returned"}};
    return host_.controller.NextBundle();
  }
  /// Ends the first grant, begins a third.
  std::string TakeOneGiveOne() {
    auto& draft = host_.controller.Draft();
    const Instant now = ReadNow().utc;
    draft.ended = {Tombstone{Id(1), FromUnixSeconds(UnixSeconds(now)), draft.grants[0].end, "returned"}};
    draft.grants.push_back(GrantOn(3, "man", now, now + Seconds{900}));
    return host_.controller.NextBundle();
  }
  [[nodiscard]] bool HasRule(int number) const { return host_.Read(kRules).value_or("").find(Id(number).Text()) != std::string::npos; }
  [[nodiscard]] bool AwaitNoRule(int number) const {
    return host_.AwaitFile(kRules, [&](const auto& text) { return text.value_or("").find(Id(number).Text()) == std::string::npos; });
  }
  void Restart() {
    host_.Kill();
    host_.Start();
  }
  Host host_;
};

TEST_F(Disk, ThatIsFullKeepsNobodyInAndLetsNobodyIn) {
  const SmallDisk disk(host_.Path("/var/lib/curfew/state"), "512k");
  ASSERT_TRUE(disk.IsMounted());
  Begin();
  const std::string bundle = TakeOneGiveOne();
  disk.Fill();
  ASSERT_EQ(host_.OfferWord(bundle), "storage");
  EXPECT_TRUE(AwaitNoRule(1));
  EXPECT_EQ(host_.Read(kKeys), std::nullopt);
  EXPECT_FALSE(host_.Asks(kCurfewAccount, kCurfewSudo, "games"));
  EXPECT_TRUE(host_.Asks(kCurfewAccount, kCurfewSudo, "man")) << "the other grant goes on";
  EXPECT_FALSE(HasRule(3));
  EXPECT_NE(host_.Alarms().find("the disk refuses"), std::string::npos) << host_.Alarms();
  disk.Free();
  ASSERT_EQ(host_.OfferWord(bundle), "accepted");
  EXPECT_EQ(host_.Await(EventKind::kGrantEnded, Id(1).Text()).outcome, "returned");
  host_.Await(EventKind::kGrantActive, Id(3).Text());
  EXPECT_FALSE(HasRule(1));
}

TEST_F(Disk, ThatWasFullRevivesNoGrantThatWasRevokedMeanwhile) {
  const SmallDisk disk(host_.Path("/var/lib/curfew/state"), "512k");
  Begin();
  const SmallDisk rules(host_.Path("/run/curfew/sudoers.d"));
  ASSERT_TRUE(rules.IsMounted());
  rules.Freeze();
  disk.Fill();
  ASSERT_EQ(host_.OfferWord(host_.controller.Revocation(Id(1), ReadNow().utc)), "storage");
  EXPECT_FALSE(host_.Asks(kCurfewAccount, kCurfewSudo, "games"));
  disk.Free();
  // Whatever is written next takes with it what waited.
  ASSERT_EQ(host_.OfferWord(host_.controller.Roles(2)), "accepted");
  rules.Thaw();
  Restart();
  EXPECT_TRUE(AwaitNoRule(1));
  EXPECT_FALSE(host_.Asks(kCurfewAccount, kCurfewSudo, "games"));
  EXPECT_TRUE(host_.Asks(kCurfewAccount, kCurfewSudo, "man"));
}

TEST_F(Disk, ThatWasFullRevivesNothingAfterRevokeAll) {
  const SmallDisk disk(host_.Path("/var/lib/curfew/state"), "512k");
  Begin();
  const SmallDisk rules(host_.Path("/run/curfew/sudoers.d"));
  rules.Freeze();
  disk.Fill();
  proto::LocalVerdict verdict;
  verdict.ParseFromString(LinkWire(host_.Path("/run/curfew/link.sock")).Ask(LocalKind::kRevokeAll, {}));
  EXPECT_EQ(verdict.reason(), "storage");
  disk.Free();
  ASSERT_EQ(host_.OfferWord(host_.controller.Roles(2)), "accepted");
  rules.Thaw();
  Restart();
  EXPECT_TRUE(AwaitNoRule(1));
  EXPECT_EQ(host_.Status().grants_size(), 0);
}

// Left then, the ends would go with the enforcer's memory, and the state that stays would give again.
TEST_F(Disk, ThatIsFullKeepsItsHostFromLeaving) {
  const SmallDisk disk(host_.Path("/var/lib/curfew/state"), "512k");
  Begin();
  disk.Fill();
  const ChildEnd left = host_.RunTool("leave");
  EXPECT_EQ(left.status, 1);
  EXPECT_NE(left.output.find("the disk has no record of it yet"), std::string::npos) << left.output;
  EXPECT_TRUE(host_.Read("/etc/curfew/trusted_root.json").has_value());
  EXPECT_EQ(host_.Status().grants_size(), 0) << "they have ended all the same";
}

TEST_F(Disk, WithoutRoomForANewTextLosesTheLinesThatEnd) {
  const SmallDisk run(host_.Path("/run/curfew"), "512k");
  ASSERT_TRUE(run.IsMounted());
  // No file of keys goes with the grant, which would make room.
  Begin(false);
  const std::string bundle = TakeOne();
  run.Fill();
  ASSERT_EQ(host_.OfferWord(bundle), "accepted");
  EXPECT_EQ(host_.Await(EventKind::kGrantEnded, Id(1).Text()).outcome, "returned");
  EXPECT_FALSE(HasRule(1));
  EXPECT_TRUE(HasRule(2)) << "what stays is written into the room that the old text had";
}

TEST_F(Disk, ThatRefusesOneFileKeepsNoOtherOpen) {
  Begin();
  const SmallDisk rules(host_.Path("/run/curfew/sudoers.d"));
  ASSERT_TRUE(rules.IsMounted());
  rules.Freeze();
  auto& draft = host_.controller.Draft();
  const Instant now = FromUnixSeconds(UnixSeconds(ReadNow().utc));
  draft.ended = {Tombstone{Id(1), now, draft.grants[0].end, "revoked"}, Tombstone{Id(2), now, draft.grants[1].end, "revoked"}};
  ASSERT_EQ(host_.OfferWord(host_.controller.NextBundle()), "accepted");
  const auto gone = [](const std::optional<std::string>& text) { return !text.has_value(); };
  EXPECT_TRUE(host_.AwaitFile(kKeys, gone));
  EXPECT_TRUE(host_.AwaitFile(kOthersKeys, gone));
  EXPECT_TRUE(HasRule(1)) << "this one cannot be written";
  EXPECT_EQ(host_.Count(EventKind::kGrantEnded), 0U);
  rules.Thaw();
  host_.Await(EventKind::kGrantEnded, Id(1).Text());
  host_.Await(EventKind::kGrantEnded, Id(2).Text());
  EXPECT_FALSE(HasRule(1));
}

}  // namespace
}  // namespace curfew::test
