// SPDX-License-Identifier: Apache-2.0
// Laws of the codec: what is written comes back, equal values are equal bytes, and bytes have one spelling.
#include "core/codec.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "core/approval.h"
#include "tests/core/any_message.h"
#include "tests/core/trust_world.h"

namespace curfew::test {
namespace {

TEST(Codec, SoundMessagesAreRead) {
  const auto body = [](Purpose purpose) { return Trusted(purpose, SoundBody(purpose)); };
  EXPECT_EQ(DecodeRoleTable(body(Purpose::kRoles)).value(), SoundRoles());
  EXPECT_EQ(DecodeBundle(body(Purpose::kBundle)).value(), SoundBundle());
  EXPECT_EQ(DecodeReceipt(body(Purpose::kReceipt)).value(), SoundReceipt());
  EXPECT_EQ(DecodeEventBatch(body(Purpose::kEvents)).value(), SoundBatch(3));
  EXPECT_TRUE(DecodeRevocation(body(Purpose::kRevocation)));
  EXPECT_TRUE(DecodeDelivered(body(Purpose::kDelivered)));
  EXPECT_TRUE(DecodeApproval(body(Purpose::kApproval)));
}

// Verify guards the purpose first; a decoder called with the wrong Verified must not help.
TEST(Codec, ADecoderTakesItsOwnPurposeOnly) {
  for (const Purpose purpose : AllPurposes()) {
    for (const Purpose content : AllPurposes()) {
      const Verified body = Trusted(purpose, SoundBody(content));
      const bool own = purpose == content;
      EXPECT_EQ(DecodeRoleTable(body).has_value(), own && purpose == Purpose::kRoles);
      EXPECT_EQ(DecodeBundle(body).has_value(), own && purpose == Purpose::kBundle);
      EXPECT_EQ(DecodeRevocation(body).has_value(), own && purpose == Purpose::kRevocation);
      EXPECT_EQ(DecodeReceipt(body).has_value(), own && purpose == Purpose::kReceipt);
      EXPECT_EQ(DecodeEventBatch(body).has_value(), own && purpose == Purpose::kEvents);
      EXPECT_EQ(DecodeDelivered(body).has_value(), own && purpose == Purpose::kDelivered);
      EXPECT_EQ(DecodeApproval(body).has_value(), own && purpose == Purpose::kApproval);
    }
  }
}

RC_GTEST_PROP(Codec, BundlesComeBack, ()) {
  const Bundle bundle = *AnyBundle();
  const std::string bytes = EncodeBundle(bundle);
  const auto back = DecodeBundle(Trusted(Purpose::kBundle, bytes));
  if (!back) RC_FAIL(back.error().Text());
  RC_ASSERT(*back == bundle);
  RC_ASSERT(EncodeBundle(*back) == bytes);
}

RC_GTEST_PROP(Codec, RoleTablesComeBack, ()) {
  const RoleTable table = *AnyRoleTable();
  const auto back = DecodeRoleTable(Trusted(Purpose::kRoles, EncodeRoleTable(table)));
  if (!back) RC_FAIL(back.error().Text());
  RC_ASSERT(*back == table);
}

RC_GTEST_PROP(Codec, RevocationsComeBack, ()) {
  const Revocation revocation = *AnyRevocation();
  RC_ASSERT(DecodeRevocation(Trusted(Purpose::kRevocation, EncodeRevocation(revocation))).value() == revocation);
}

RC_GTEST_PROP(Codec, ReceiptsComeBack, ()) {
  const Receipt receipt = *AnyReceipt();
  const auto back = DecodeReceipt(Trusted(Purpose::kReceipt, EncodeReceipt(receipt)));
  if (!back) RC_FAIL(back.error().Text());
  RC_ASSERT(*back == receipt);
}

RC_GTEST_PROP(Codec, EventBatchesComeBack, ()) {
  const EventBatch batch = *AnyEventBatch();
  const auto back = DecodeEventBatch(Trusted(Purpose::kEvents, EncodeEventBatch(batch)));
  if (!back) RC_FAIL(back.error().Text());
  RC_ASSERT(*back == batch);
  RC_ASSERT(DecodeEvent(EncodeEvent(batch.events.front())).value() == batch.events.front());
}

RC_GTEST_PROP(Codec, DeliveredComesBack, ()) {
  const Delivered delivered = *AnyDelivered();
  RC_ASSERT(DecodeDelivered(Trusted(Purpose::kDelivered, EncodeDelivered(delivered))).value() == delivered);
}

RC_GTEST_PROP(Codec, ApprovalsComeBack, ()) {
  const ApprovedTerms terms = *AnyApproval();
  RC_ASSERT(DecodeApproval(Trusted(Purpose::kApproval, EncodeApproval(terms))).value() == terms);
}

// Two readers must not differ about a message, so no two byte strings may mean the same.
RC_GTEST_PROP(Codec, BytesHaveOneSpelling, ()) {
  std::string bytes = EncodeBundle(*AnyBundle());
  const std::size_t at = *rc::gen::inRange<std::size_t>(0, bytes.size());
  const auto change = *rc::gen::element('r', 'i', 'd');
  if (change == 'r') bytes[at] = *rc::gen::arbitrary<char>();
  if (change == 'i') bytes.insert(at, 1, *rc::gen::arbitrary<char>());
  if (change == 'd') bytes.erase(at, 1);
  const auto back = DecodeBundle(Trusted(Purpose::kBundle, bytes));
  RC_CLASSIFY(back.has_value());
  if (back) RC_ASSERT(EncodeBundle(*back) == bytes);
}

TEST(Codec, ABatchWithAGapIsRefused) {
  EventBatch batch = SoundBatch(3);
  batch.events.erase(batch.events.begin() + 1);
  EXPECT_EQ(Outcome(DecodeEventBatch(Trusted(Purpose::kEvents, EncodeEventBatch(batch)))), "events[1].seq: number 3 after 1");
}

TEST(Codec, ABatchWithABrokenChainIsRefused) {
  EventBatch batch = SoundBatch(3);
  batch.events[0].detail = "edited";
  EXPECT_EQ(Outcome(DecodeEventBatch(Trusted(Purpose::kEvents, EncodeEventBatch(batch)))),
            "events[1].previous: is not the hash of the event before");
  batch = SoundBatch(3);
  std::swap(batch.events[1], batch.events[2]);
  EXPECT_FALSE(DecodeEventBatch(Trusted(Purpose::kEvents, EncodeEventBatch(batch))));
}

TEST(Codec, TheRevocationsFrameIsFrozen) {
  const Revocation revocation{HostId(HostId::Bytes{1, 2, 3}), SoundGrant().id, FromUnixSeconds(0x01020304),
                              FromUnixSeconds(0x0102030405)};
  std::string frame = "RVK1";
  frame += std::string("\1\2\3", 3) + std::string(29, '\0');
  frame += "g-0123456789abcdefghij";
  frame += std::string("\0\0\0\0\1\2\3\4", 8) + std::string("\0\0\0\1\2\3\4\5", 8);
  EXPECT_EQ(EncodeRevocation(revocation), frame);
  EXPECT_EQ(DecodeRevocation(Trusted(Purpose::kRevocation, frame)).value(), revocation);
  for (std::size_t length = 0; length < frame.size(); ++length) {
    EXPECT_FALSE(DecodeRevocation(Trusted(Purpose::kRevocation, frame.substr(0, length))));
  }
  EXPECT_FALSE(DecodeRevocation(Trusted(Purpose::kRevocation, frame + "x")));
  for (const std::size_t at : {0U, 36U, 40U, 58U, 66U}) {
    std::string wrong = frame;
    wrong[at] = '\x7f';
    EXPECT_FALSE(DecodeRevocation(Trusted(Purpose::kRevocation, wrong))) << at;
  }
}

}  // namespace
}  // namespace curfew::test
