// SPDX-License-Identifier: Apache-2.0
// A host whose controller changes: the state of the one that was left is followed by nobody and forgotten by nobody, so that
// nothing that ended under it comes back with an old bundle.
#include <gtest/gtest.h>

#include "tests/agent/enforcer/lost_state.h"

namespace curfew::test {
namespace {

class LeftState : public LostState {
 protected:
  /// One grant that ended and the bundle that still gave it; another one lives.
  void EndOne() {
    Begin();
    const Instant now = ReadNow().utc;
    auto& draft = host_.controller.Draft();
    draft.grants.push_back(GrantOn(2, "games", now, now + Seconds{600}));
    ASSERT_EQ(host_.OfferWord(host_.controller.NextBundle()), "accepted");
    host_.Await(EventKind::kGrantActive, Id(2).Text());
    old_ = host_.controller.Seal(draft);
    draft.ended = {Tombstone{Id(1), FromUnixSeconds(UnixSeconds(now)), now + Seconds{86400}, "revoked"}};
    ASSERT_EQ(host_.OfferWord(host_.controller.NextBundle()), "accepted");
    host_.Await(EventKind::kGrantEnded, Id(1).Text());
  }
  void Join() {
    host_.Enrol();
    host_.Start();
  }
  void ExpectItsWord() {
    ASSERT_EQ(host_.OfferWord(host_.controller.Roles()), "accepted");
    EXPECT_EQ(host_.OfferWord(old_), "rollback");
    const auto status = host_.Status();
    ASSERT_EQ(status.grants_size(), 1);
    EXPECT_EQ(status.grants(0).id(), Id(2).Text());
    EXPECT_EQ(status.version(), 3U);
  }
  /// Number and chain of the record go on: Await asks for both.
  void ExpectItsRecordGoesOn() {
    host_.controller.Draft().grants.push_back(GrantOn(3, "games", ReadNow().utc, ReadNow().utc + Seconds{600}));
    ASSERT_EQ(host_.OfferWord(host_.controller.NextBundle()), "accepted");
    host_.Await(EventKind::kGrantActive, Id(3).Text());
  }
  std::string old_;
};

TEST_F(LeftState, IsInForceForNobodyAndThereForTheSameController) {
  EndOne();
  const std::uint64_t before = host_.Status().spool_seq();
  host_.Kill();
  host_.Leave();
  host_.Start();
  const auto alone = host_.Status();
  EXPECT_FALSE(alone.enrolled());
  EXPECT_EQ(alone.version(), 0U);
  EXPECT_EQ(alone.highest_time_ms(), 0);
  EXPECT_EQ(alone.grants_size(), 0);
  EXPECT_GE(alone.spool_seq(), before) << "what happens here meanwhile follows what happened before";
  EXPECT_TRUE(host_.AwaitFile(kManaged, [](const auto& text) { return text == ""; }));
  host_.Enrol();
  EXPECT_EQ(host_.AwaitEnd().status, 0) << "an identity is taken up by a start alone";
  host_.Start();
  ExpectItsWord();
  ExpectItsRecordGoesOn();
}

// Without the package's own order: the files of /etc/curfew are exchanged.
TEST_F(LeftState, IsAnotherOnesUnderAnotherRootAndComesBackWithItsOwn) {
  EndOne();
  host_.Kill();
  const Controller first = host_.controller;
  host_.controller.BecomeAnother("another root");
  Join();
  EXPECT_EQ(host_.Status().version(), 0U);
  EXPECT_LE(host_.Status().spool_seq(), 2U) << "the record begins anew, too";
  host_.controller.Draft().grants.clear();
  host_.controller.Draft().ended.clear();
  GiveAgain();
  EXPECT_EQ(host_.Status().version(), 1U) << "no mark of the other controller's stands in its way";
  host_.Kill();
  host_.Start();
  EXPECT_EQ(host_.Status().version(), 1U) << "its own state is followed";
  host_.Kill();
  host_.controller = first;
  Join();
  ExpectItsWord();
  ExpectItsRecordGoesOn();
  const Event& recovered = host_.Await(EventKind::kRecovered);
  EXPECT_NE(recovered.detail.find("another controller's"), std::string::npos) << recovered.detail;
}

TEST_F(LeftState, StaysWhenTheRootKeysOfItsControllerChange) {
  EndOne();
  host_.Kill();
  host_.controller.BecomeAnother("another root");
  host_.Enrol("root");
  host_.Start();
  ASSERT_EQ(host_.OfferWord(host_.controller.Roles()), "accepted");
  EXPECT_EQ(host_.OfferWord(host_.controller.NextBundle()), "rollback") << "its marks count as before";
}

// Blind, a host still knows what it gave: once its bundle can be read again, nothing of it may come back.
TEST_F(LeftState, OfWhichABundleCannotBeReadIsEndedByRevokeAllAllTheSame) {
  Begin();
  host_.Kill();
  Sql("UPDATE facts SET value = x'00' WHERE key = 'bundle'");
  host_.Start();
  proto::LocalVerdict verdict;
  verdict.ParseFromString(LinkWire(host_.Path("/run/curfew/link.sock")).Ask(LocalKind::kRevokeAll, {}));
  EXPECT_TRUE(verdict.accepted());
  ASSERT_EQ(host_.OfferWord(host_.controller.Seal(host_.controller.Draft())), "accepted") << "the very same bundle";
  EXPECT_EQ(host_.Status().grants_size(), 0);
}

}  // namespace
}  // namespace curfew::test
