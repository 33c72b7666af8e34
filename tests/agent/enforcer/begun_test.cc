// SPDX-License-Identifier: Apache-2.0
// What a host begins to give, and what it does not: nothing after the moment that the grant itself names, nothing on an
// account that it does not gate for it. What was begun before goes on.
#include "core/codec.h"
#include "tests/agent/enforcer/lost_state.h"

namespace curfew::test {
namespace {

Receipt ReceiptIn(const Event& event) {
  const auto verified = Verify(event.attachment, Purpose::kReceipt, Role{1, {TestKey("audit").Public()}});
  EXPECT_EQ(Denied(verified), nullptr);
  return DecodeReceipt(std::get<Verified>(verified)).value();
}

class Begun : public LostState {
 protected:
  [[nodiscard]] Bundle& Draft() { return host_.controller.Draft(); }
  void GiveNext() { ASSERT_EQ(host_.OfferWord(host_.controller.NextBundle()), "accepted"); }
  void ExpectNothing() const { EXPECT_EQ(host_.Read(kRules).value_or("").find("#5 "), std::string::npos); }
  void PutPam(const std::string& file, const std::string& line) const {
    const std::string path = host_.Path("/etc/pam.d/" + file);
    host_.Run("mkdir -p " + host_.Path("/etc/pam.d") + "; echo '" + line + "' >" + path + ".new; mv " + path + ".new " + path);
  }
  [[nodiscard]] bool AwaitRule(bool there) const {
    return host_.AwaitFile(kRules, [&](const auto& text) { return (text.value_or("").find("#5 ") != std::string::npos) == there; });
  }
  void MakeLate() { Draft().grants[0].activate_by = FromUnixSeconds(UnixSeconds(ReadNow().utc) - 1); }
};

TEST_F(Begun, NothingThatCameAfterItHadToBeginAndNeverLater) {
  host_.Start();
  const Instant now = ReadNow().utc;
  Draft().managed = {ManagedAccount{Account("games"), Gate{true, true}}};
  Draft().grants = {GrantOn(1, "games", now, now + Seconds{600})};
  MakeLate();
  host_.Give();
  const Event& failed = host_.Await(EventKind::kGrantFailed, Id(1).Text());
  EXPECT_EQ(failed.outcome, "late");
  EXPECT_EQ(failed.severity, Severity::kAlarm);
  EXPECT_NE(failed.detail.find(Rfc3339(Draft().grants[0].activate_by)), std::string::npos) << failed.detail;
  Draft().grants[0].activate_by = Draft().grants[0].end;
  Draft().grants.push_back(GrantOn(2, "games", now, now + Seconds{600}));
  GiveNext();
  host_.Await(EventKind::kGrantActive, Id(2).Text());
  EXPECT_EQ(host_.Read(kRules).value().find(Id(1).Text()), std::string::npos) << "over here, whatever a later bundle says of it";
  EXPECT_EQ(host_.Count(EventKind::kGrantIntent), 1U);
}

// The disk knows that it was begun: the moment passes during the grant, and then the host starts again.
TEST_F(Begun, WhatWasBegunInTimeGoesOnAlsoAfterAReboot) {
  Begin();
  MakeLate();
  GiveNext();
  EXPECT_TRUE(host_.Asks(kCurfewAccount, kCurfewSudo, "games"));
  host_.Kill();
  host_.Run("rm -rf " + host_.Path("/run/curfew"));
  host_.Run("mkdir -m 755 " + host_.Path("/run/curfew"));
  host_.Start();
  ASSERT_TRUE(host_.AwaitFile(kRules, [](const auto& text) { return text && text->find("#5 ") != std::string::npos; }));
  EXPECT_TRUE(host_.Asks(kCurfewAccount, kCurfewSudo, "games"));
  EXPECT_EQ(host_.Count(EventKind::kGrantFailed), 0U);
}

TEST_F(Begun, AHostThatRemembersNothingBeginsNothingOld) {
  Begin();
  MakeLate();
  LoseEverything();
  host_.Start();
  GiveAgain();
  EXPECT_EQ(host_.Await(EventKind::kGrantFailed, Id(1).Text()).outcome, "late");
  ExpectNothing();
  EXPECT_FALSE(host_.Asks(kCurfewAccount, kCurfewSudo, "games"));
}

TEST_F(Begun, NothingOnAnAccountThatIsNotGatedForIt) {
  host_.Start();
  const Instant now = ReadNow().utc;
  Draft().managed = {ManagedAccount{Account("games"), Gate{true, false}}};
  Draft().grants = {GrantOn(1, "games", now, now + Seconds{600})};
  host_.Give();
  EXPECT_EQ(host_.Await(EventKind::kGrantFailed, Id(1).Text()).outcome, "not-gated");
  ExpectNothing();
}

TEST_F(Begun, WherePamIsKnownNotToAskThereIsNoSudoRuleAndTheProofSaysWhatWasNotSeen) {
  PutPam("common-account", "account required pam_curfew.so");
  PutPam("common-session", "session required pam_curfew.so");
  Begin();
  PutPam("common-account", "account required pam_unix.so");
  EXPECT_TRUE(AwaitRule(false));
  EXPECT_NE(host_.Alarms().find("curfew-agent setup pam"), std::string::npos) << host_.Alarms();
  EXPECT_TRUE(host_.Asks(kCurfewAccount, kCurfewSshd, "games")) << "who logs in is asked for by sshd's block, too";
  PutPam("common-account", "account required pam_curfew.so");
  EXPECT_TRUE(AwaitRule(true));
  EXPECT_EQ(host_.Alarms(), "");
  ASSERT_EQ(host_.OfferWord(host_.controller.Revocation(Id(1), ReadNow().utc)), "accepted");
  const Receipt receipt = ReceiptIn(host_.Await(EventKind::kReceipt, Id(1).Text()));
  EXPECT_TRUE(receipt.rule_gone);
  ASSERT_EQ(receipt.survivors.size(), 1U);
  EXPECT_NE(receipt.survivors[0].command.find("not known"), std::string::npos);
}

TEST_F(Begun, WhatIsNotGatedAnyMoreEnds) {
  Begin();
  Draft().managed.clear();
  GiveNext();
  EXPECT_EQ(host_.Await(EventKind::kGrantEnded, Id(1).Text()).outcome, "condition");
  host_.Await(EventKind::kReceipt, Id(1).Text());
  ExpectNothing();
}

}  // namespace
}  // namespace curfew::test
