// SPDX-License-Identifier: Apache-2.0
// The frame alone: what it holds comes back, and nothing but a whole frame is one. A1: each bit of a sealed message flipped.
#include "core/envelope.h"

#include <algorithm>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/core/trust_world.h"

namespace curfew::test {
namespace {

TEST(Envelope, A1EachBitFlippedIsRefused) {
  const Role role = RoleOf(2, {"one", "two"});
  const std::string sealed = SealBy(Purpose::kBundle, SoundBody(Purpose::kBundle), {"one", "two"});
  ASSERT_EQ(Outcome(Verify(sealed, Purpose::kBundle, role)), "allowed");
  for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    std::string flipped = sealed;
    flipped[bit / 8] = static_cast<char>(static_cast<unsigned char>(flipped[bit / 8]) ^ (1U << bit % 8));
    ASSERT_NE(Denied(Verify(flipped, Purpose::kBundle, role)), nullptr) << "bit " << bit;
  }
}

TEST(Envelope, EachLengthButTheWholeIsRefused) {
  const std::string sealed = SealBy(Purpose::kRevocation, SoundBody(Purpose::kRevocation), {"one"});
  for (std::size_t length = 0; length < sealed.size(); ++length) {
    ASSERT_FALSE(ParseEnvelope(sealed.substr(0, length))) << length;
  }
  EXPECT_TRUE(ParseEnvelope(sealed));
  EXPECT_EQ(ParseEnvelope(sealed + "x").error().Text(), "envelope: frame at byte 182 is followed by something else");
}

TEST(Envelope, BelievesNoLength) {
  std::string head("CRFW\1\2\1\0\0\x3f\xff\xff", 12);
  EXPECT_EQ(ParseEnvelope(head).error().Text(),
            "envelope: frame at byte 12 is cut short, 4194411 bytes were announced");
  head[8] = '\xff';
  EXPECT_EQ(ParseEnvelope(head).error().Text(), "envelope: body length at byte 8 is over the limit of this purpose");
}

TEST(Envelope, BodiesBesidesBundlesAreSmall) {
  const Signature signature{KeyNamed("one").Public().Id(), {}};
  for (const Purpose purpose : AllPurposes()) {
    const std::size_t most = purpose == Purpose::kBundle ? std::size_t{4} << 20U : std::size_t{64} << 10U;
    EXPECT_TRUE(WriteEnvelope({purpose, {signature}, std::string(most, 'b')}));
    EXPECT_FALSE(WriteEnvelope({purpose, {signature}, std::string(most + 1, 'b')}));
  }
}

TEST(Envelope, HoldsOneToEightSignatures) {
  for (const std::size_t count : {0U, 1U, 8U, 9U}) {
    const Envelope envelope{Purpose::kRoles, std::vector<Signature>(count), "body"};
    EXPECT_EQ(WriteEnvelope(envelope).has_value(), count == 1 || count == 8) << count;
  }
}

TEST(Envelope, ReadsOneToEightSignatures) {
  for (const std::size_t count : {0U, 1U, 8U, 9U, 255U}) {
    std::string frame("CRFW\1\1\0\0\0\0\0\4", 12);
    frame[6] = static_cast<char>(count);
    frame += std::string(count * 96, 's') + "body";
    EXPECT_EQ(ParseEnvelope(frame).has_value(), count == 1 || count == 8) << count;
  }
}

// The example of the DSSE specification has another type; the form is checked on ours, byte for byte.
TEST(Envelope, SignsTheDsseEncoding) {
  EXPECT_EQ(PreAuthEncoding(Purpose::kBundle, "hello world"),
            "DSSEv1 32 application/vnd.curfew.bundle.v1 11 hello world");
}

RC_GTEST_PROP(Envelope, ComesBackAsItWas, ()) {
  Envelope envelope{*rc::gen::elementOf(AllPurposes()), {}, *rc::gen::container<std::string>(rc::gen::arbitrary<char>())};
  const auto count = *rc::gen::inRange<std::size_t>(1, 9);
  for (std::size_t i = 0; i < count; ++i) {
    const auto bytes = *rc::gen::container<std::string>(96, rc::gen::arbitrary<char>());
    Signature signature{*KeyId::FromBytes(bytes.substr(0, 32)), {}};
    std::copy(bytes.begin() + 32, bytes.end(), signature.value.begin());
    envelope.signatures.push_back(signature);
  }
  RC_ASSERT(ParseEnvelope(WriteEnvelope(envelope).value()).value() == envelope);
}

// One frame has one spelling: bytes that still parse after a change are what would be written for what was read.
RC_GTEST_PROP(Envelope, WhatIsReadIsWrittenAlike, ()) {
  std::string bytes = SealBy(*rc::gen::elementOf(AllPurposes()), "body", {"one"});
  const auto at = *rc::gen::inRange<std::size_t>(0, bytes.size());
  bytes[at] = *rc::gen::arbitrary<char>();
  const auto envelope = ParseEnvelope(bytes);
  RC_CLASSIFY(envelope.has_value());
  if (envelope) RC_ASSERT(WriteEnvelope(*envelope).value() == bytes);
}

}  // namespace
}  // namespace curfew::test
