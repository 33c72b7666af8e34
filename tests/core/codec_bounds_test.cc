// SPDX-License-Identifier: Apache-2.0
// A8: bombs and anything not listed are refused before protobuf allocates for them. A9: no harmful text gets through.
#include <cstdlib>
#include <new>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "core/codec.h"
#include "tests/core/trust_world.h"
#include "tests/core/wire_bytes.h"

namespace {

// What the test's thread has asked the heap for; a bomb is refused without going there.
std::size_t& Allocated() {
  static std::size_t bytes = 0;
  return bytes;
}

}  // namespace

void* operator new(std::size_t size) {
  Allocated() += size;
  if (void* memory = std::malloc(size)) return memory;  // NOLINT: stands in for the library's own
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }               // NOLINT
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }  // NOLINT

namespace curfew::test {
namespace {

std::string BundleOutcome(std::string_view body) { return Outcome(DecodeBundle(Trusted(Purpose::kBundle, body))); }

// The outcome, and the bytes asked for on the way.
template <class Decode>
std::pair<std::string, std::size_t> Weighed(const Decode& decode, const Verified& body) {
  const std::size_t before = Allocated();
  const auto result = decode(body);
  const std::size_t after = Allocated();
  return {Outcome(result), after - before};
}

TEST(CodecBounds, A8TenThousandNestedMessages) {
  std::string nested;
  for (int i = 0; i < 10000; ++i) nested = BytesField(8, nested);
  ASSERT_LT(nested.size(), kMaxOtherBody);
  const Verified body = Trusted(Purpose::kReceipt, nested);
  const auto [outcome, bytes] = Weighed(DecodeReceipt, body);
  EXPECT_NE(outcome, "read");
  EXPECT_LT(bytes, 1024U);
  for (std::uint32_t field = 1; field < 30; ++field) {
    nested.clear();
    for (int i = 0; i < 10000; ++i) nested = BytesField(field, nested);
    EXPECT_NE(BundleOutcome(nested), "read");
  }
}

TEST(CodecBounds, A8AMillionElements) {
  const std::string bomb = Times(32000, BytesField(8, ""));
  const auto [outcome, bytes] = Weighed(DecodeReceipt, Trusted(Purpose::kReceipt, bomb));
  EXPECT_EQ(outcome, "survivors: stands more than 48 times (byte 96)");
  EXPECT_LT(bytes, 1024U);

  const Verified million = Trusted(Purpose::kBundle, Times(1000000, BytesField(7, "")));
  const auto [bundle_outcome, bundle_bytes] = Weighed(DecodeBundle, million);
  EXPECT_EQ(bundle_outcome, "grants: stands more than 20000 times (byte 40000)");
  EXPECT_LT(bundle_bytes, 1024U);
}

// Each list of each message, one more than it may hold.
TEST(CodecBounds, A8EachListHasItsLimit) {
  const auto grant = [](std::uint32_t field, std::size_t count, std::string_view element) {
    return BundleOutcome(BytesField(7, Times(count, BytesField(field, element))));
  };
  EXPECT_EQ(BundleOutcome(Times(100001, BytesField(8, ""))), "ended: stands more than 100000 times (byte 200000)");
  EXPECT_EQ(BundleOutcome(Times(1001, BytesField(9, ""))), "managed: stands more than 1000 times (byte 2000)");
  EXPECT_NE(grant(5, 1, Times(33, BytesField(1, ""))).find("grants.login.keys: stands more than 32"), std::string::npos);
  EXPECT_NE(grant(5, 1, Times(65, BytesField(2, ""))).find("sources: stands more than 64"), std::string::npos);
  EXPECT_NE(grant(6, 1, Times(257, BytesField(2, ""))).find("commands: stands more than 256"), std::string::npos);
  EXPECT_NE(grant(6, 1, BytesField(2, Times(65, BytesField(1, "")))).find("argv: stands more than 64"), std::string::npos);
  EXPECT_NE(grant(14, 33, "").find("groups: stands more than 32"), std::string::npos);
  EXPECT_NE(grant(19, 17, "").find("approvals: stands more than 16"), std::string::npos);
  EXPECT_NE(grant(20, 17, "").find("critical: stands more than 16"), std::string::npos);
  const auto batch = Times(1001, BytesField(2, ""));
  EXPECT_EQ(Outcome(DecodeEventBatch(Trusted(Purpose::kEvents, batch))), "events: stands more than 1000 times (byte 2000)");
}

TEST(CodecBounds, UnknownFieldsAreRefusedAtEachLevel) {
  const std::string sound = SoundBody(Purpose::kBundle);
  ASSERT_EQ(BundleOutcome(sound), "read");
  EXPECT_NE(BundleOutcome(sound + BytesField(10, "x")).find("unknown field 10"), std::string::npos);
  EXPECT_NE(BundleOutcome(sound + NumberField(4000, 1)).find("unknown field 4000"), std::string::npos);
  EXPECT_NE(BundleOutcome(BytesField(7, BytesField(22, "x"))).find("grants: unknown field 22"), std::string::npos);
  EXPECT_NE(BundleOutcome(BytesField(7, BytesField(5, BytesField(3, "x")))).find("grants.login: unknown field 3"),
            std::string::npos);
  EXPECT_NE(BundleOutcome(BytesField(7, BytesField(6, BytesField(2, BytesField(2, "x"))))).find("commands: unknown field 2"),
            std::string::npos);
  EXPECT_NE(BundleOutcome(BytesField(8, BytesField(5, "x"))).find("ended: unknown field 5"), std::string::npos);
  EXPECT_NE(BundleOutcome(BytesField(9, BytesField(4, "x"))).find("managed: unknown field 4"), std::string::npos);
  EXPECT_NE(BundleOutcome("\x0b\x0c").find("another wire type"), std::string::npos) << "a group is no field of ours";
  EXPECT_NE(BundleOutcome(std::string("\0\0", 2)).find("unknown field 0"), std::string::npos);
}

TEST(CodecBounds, UnknownEnumValuesAreRefused) {
  EXPECT_NE(BundleOutcome(BytesField(7, NumberField(10, 4))).find("grants.expiry: value 4 is over 3"), std::string::npos);
  const auto event = [](std::uint32_t field, std::uint64_t value) {
    return Outcome(DecodeEvent(NumberField(1, 1) + NumberField(field, value)));
  };
  EXPECT_EQ(event(4, 31), "kind: value 31 is over 30 (byte 3)");
  EXPECT_EQ(event(5, 4), "severity: value 4 is over 3 (byte 3)");
  const auto roles = BytesField(2, NumberField(1, 10));
  EXPECT_EQ(Outcome(DecodeRoleTable(Trusted(Purpose::kRoles, roles))), "roles.purpose: value 10 is over 9 (byte 3)");
}

TEST(CodecBounds, OneFieldTwiceIsRefused) {
  EXPECT_EQ(BundleOutcome(NumberField(1, 1) + NumberField(1, 1)), "format: stands more than 1 times (byte 2)");
  EXPECT_EQ(BundleOutcome(NumberField(3, 1) + NumberField(1, 1)), "format: fields out of order (byte 2)");
  const std::string login = BytesField(5, "");
  EXPECT_EQ(BundleOutcome(BytesField(7, login + login)), "grants.login: stands more than 1 times (byte 4)");
}

TEST(CodecBounds, NumbersHaveOneSpelling) {
  EXPECT_EQ(BundleOutcome(std::string("\x08\x00", 2)), "format: a default that is written out (byte 1)");
  EXPECT_EQ(BundleOutcome(std::string("\x08\x81\x00", 3)), "format: not a varint in its shortest form (byte 1)");
  EXPECT_EQ(BundleOutcome("\x08" + std::string(10, '\xff')), "format: not a varint in its shortest form (byte 1)");
  EXPECT_EQ(BundleOutcome("\x18" + std::string(9, '\xff') + "\3"), "epoch: not a varint in its shortest form (byte 1)") << "over 64 bits";
  EXPECT_NE(BundleOutcome("\x18" + std::string(9, '\xff') + "\1").find("format"), std::string::npos) << "the largest number is one";
  EXPECT_EQ(BundleOutcome("\x08\x81"), "format: not a varint in its shortest form (byte 1)");
  EXPECT_EQ(BundleOutcome("\x12\x05" "abc"), "host: cut short (byte 1)");
  EXPECT_EQ(BundleOutcome(NumberField(1, std::uint64_t{1} << 32U)), "format: value 4294967296 is over 4294967295 (byte 1)");
  EXPECT_EQ(BundleOutcome(NumberField(6, std::uint64_t{1} << 63U)),
            "issued_ms: value 9223372036854775808 is over 253402300799000 (byte 1)");
}

}  // namespace
}  // namespace curfew::test
