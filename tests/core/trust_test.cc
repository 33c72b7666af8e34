// SPDX-License-Identifier: Apache-2.0
// Who may sign what. A4: no message stands for another; A6: thresholds count distinct keys of the role and nothing else.
#include "core/trust.h"

#include <gtest/gtest.h>

#include "tests/core/trust_world.h"

namespace curfew::test {
namespace {

constexpr std::string_view kBody = "body";

std::string Verdict2of3(const std::vector<Signature>& signatures) {
  const auto sealed = WriteEnvelope({Purpose::kRoles, signatures, std::string(kBody)}).value();
  return Outcome(Verify(sealed, Purpose::kRoles, RoleOf(2, {"one", "two", "three"})));
}

Signature SignedBy(std::string_view name) { return KeyNamed(name).Sign(PreAuthEncoding(Purpose::kRoles, kBody)).value(); }

Signature Garbage(std::string_view name) {
  Signature signature{KeyNamed(name).Public().Id(), {}};
  signature.value.fill(0x5a);
  return signature;
}

TEST(Trust, A4NoMessageStandsForAnother) {
  const Role role = RoleOf(1, {"one"});
  for (const Purpose sealed_for : AllPurposes()) {
    for (const Purpose presented_as : AllPurposes()) {
      const auto sealed = SealBy(sealed_for, SoundBody(sealed_for), {"one"});
      const std::string outcome = Outcome(Verify(sealed, presented_as, role));
      EXPECT_EQ(outcome, sealed_for == presented_as ? "allowed" : "wrong-purpose");

      std::string relabelled = sealed;
      relabelled[5] = static_cast<char>(presented_as);
      const std::string after = Outcome(Verify(relabelled, presented_as, role));
      const bool fits = ParseEnvelope(relabelled).has_value();
      EXPECT_EQ(after, sealed_for == presented_as ? "allowed" : fits ? "bad-signature" : "malformed")
          << static_cast<int>(sealed_for) << " as " << static_cast<int>(presented_as);
    }
  }
}

TEST(Trust, A6OneKeyTwiceIsOne) {
  EXPECT_EQ(Verdict2of3({SignedBy("one"), SignedBy("one")}), "too-few-signatures");
}

TEST(Trust, A6OneKeyUnderTwoIdsIsOne) {
  Signature renamed = SignedBy("one");
  renamed.key = KeyNamed("two").Public().Id();
  EXPECT_EQ(Verdict2of3({SignedBy("one"), renamed}), "too-few-signatures");
  renamed.key = KeyNamed("nobody").Public().Id();
  EXPECT_EQ(Verdict2of3({SignedBy("one"), renamed}), "too-few-signatures");
}

TEST(Trust, A6ASignatureUnderAnothersIdIsNone) {
  Signature renamed = SignedBy("one");
  for (const std::string_view other : {"two", "three", "nobody"}) {
    renamed.key = KeyNamed(other).Public().Id();
    EXPECT_EQ(Verdict2of3({renamed, SignedBy("two")}), "too-few-signatures") << other;
  }
}

TEST(Trust, A6OneKeyTwiceInTheRoleIsOne) {
  const std::string sealed = SealBy(Purpose::kRoles, kBody, {"one"});
  EXPECT_EQ(Outcome(Verify(sealed, Purpose::kRoles, RoleOf(2, {"one", "one"}))), "too-few-signatures");
}

TEST(Trust, A6OneValidAndGarbageIsOne) {
  EXPECT_EQ(Verdict2of3({SignedBy("one"), Garbage("two")}), "too-few-signatures");
  EXPECT_EQ(Verdict2of3({SignedBy("one"), SignedBy("stranger")}), "too-few-signatures");
}

TEST(Trust, A6TwoValidAndGarbageAreTwo) {
  EXPECT_EQ(Verdict2of3({SignedBy("one"), Garbage("two"), SignedBy("three")}), "allowed");
  EXPECT_EQ(Verdict2of3({Garbage("one"), SignedBy("one"), SignedBy("three")}), "allowed");
}

TEST(Trust, NoSignatureOfTheRoleIsABadSignature) {
  EXPECT_EQ(Verdict2of3({SignedBy("stranger"), Garbage("one")}), "bad-signature");
}

TEST(Trust, AThresholdOfNoneIsNeverMet) {
  const std::string sealed = SealBy(Purpose::kRoles, kBody, {"one"});
  EXPECT_EQ(Outcome(Verify(sealed, Purpose::kRoles, RoleOf(0, {"one"}))), "too-few-signatures");
  EXPECT_EQ(Outcome(Verify(sealed, Purpose::kRoles, Role{0, {}})), "bad-signature");
}

TEST(Trust, AWorthlessSignatureDoesNotChangeTheHash) {
  Envelope envelope = ParseEnvelope(SealBy(Purpose::kBundle, SoundBody(Purpose::kBundle), {"one"})).value();
  const auto plain = std::get<Verified>(Verify(WriteEnvelope(envelope).value(), Purpose::kBundle, RoleOf(1, {"one"})));
  envelope.signatures.push_back(Garbage("nobody"));
  const auto padded = std::get<Verified>(Verify(WriteEnvelope(envelope).value(), Purpose::kBundle, RoleOf(1, {"one"})));
  EXPECT_EQ(plain.Hash(), padded.Hash());
  EXPECT_EQ(plain.Hash(), SignedHash(Purpose::kBundle, plain.Body()));
  EXPECT_NE(plain.Hash(), SignedHash(Purpose::kRoles, plain.Body()));
}

TEST(Trust, VerifiedSaysWhatAndWho) {
  const auto verified =
      std::get<Verified>(Verify(SealBy(Purpose::kRoles, kBody, {"one", "two"}), Purpose::kRoles, RoleOf(1, {"two", "three"})));
  EXPECT_EQ(verified.For(), Purpose::kRoles);
  EXPECT_EQ(verified.Body(), kBody);
  EXPECT_EQ(verified.Signers(), std::vector{KeyNamed("two").Public().Id()});
}

TEST(Trust, ARoleThatIsNotInTheTableIsNone) {
  const RoleTable table = SoundRoles();
  EXPECT_EQ(FindRole(table, Purpose::kCapsule), nullptr);
  EXPECT_EQ(*FindRole(table, Purpose::kBundle), RoleOf(1, {"bundle"}));
}

}  // namespace
}  // namespace curfew::test
