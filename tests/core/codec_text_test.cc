// SPDX-License-Identifier: Apache-2.0
// A9: harmful strings in every text of every message, one at a time; and values that no sound encoder makes.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "core/codec.h"
#include "tests/core/trust_world.h"
#include "tests/core/wire_bytes.h"

namespace curfew::test {
namespace {

const std::vector<std::string>& HarmfulTexts() {
  static const std::vector<std::string> kAll{
      std::string("a\0b", 3), "a\nb", "a\rb", "a\tb", "\x1b[31m", "a\x7f" "b", "a\xc2\x85" "b", "a\xe2\x80\xa8" "b",
      "a\xe2\x80\xa9" "b", "a\xe2\x80\xae" "b", "a\xe2\x81\xa6" "b", "\xff", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80",
      "\xe2\x80", std::string(4096, 'a')};
  return kAll;
}

// The sound bundle with its grant's one text replaced, byte for byte, on the wire; lengths stay right by replacing equals.
std::string BundleWith(void (*change)(Bundle&, const std::string&), const std::string& text) {
  Bundle bundle = SoundBundle();
  change(bundle, text);
  return Outcome(DecodeBundle(Trusted(Purpose::kBundle, EncodeBundle(bundle))));
}

TEST(CodecText, A9HarmfulTextsInABundle) {
  for (const std::string& text : HarmfulTexts()) {
    EXPECT_NE(BundleWith([](Bundle& b, const std::string& t) { b.grants[0].reason = t; }, text), "read");
    EXPECT_NE(BundleWith([](Bundle& b, const std::string& t) { b.grants[0].ticket = t; }, text), "read");
    EXPECT_NE(BundleWith([](Bundle& b, const std::string& t) { b.grants[0].lineage = t; }, text), "read");
    EXPECT_NE(BundleWith([](Bundle& b, const std::string& t) { b.grants[0].groups = {t}; }, text), "read");
    EXPECT_NE(BundleWith([](Bundle& b, const std::string& t) { b.grants[0].critical = {t}; }, text), "read");
    EXPECT_NE(BundleWith([](Bundle& b, const std::string& t) { b.grants[0].login->sources = {t}; }, text), "read");
    EXPECT_NE(BundleWith([](Bundle& b, const std::string& t) { b.ended[0].cause = t; }, text), "read");
  }
  EXPECT_EQ(BundleWith([](Bundle& b, const std::string& t) { b.grants[0].reason = t; }, "plain, \"quoted\" – and ümlaut"), "read");
}

// Whatever somebody got into an event: it is written so that it can be read back, and what was readable stays as it was.
RC_GTEST_PROP(CodecText, WhatIsMadeReadableComesBack, ()) {
  Event event = SoundBatch(1).events[0];
  RC_ASSERT(Readable(event) == event);
  const auto bytes = [](std::size_t most) {
    return *rc::gen::resize(static_cast<int>(most), rc::gen::container<std::string>(rc::gen::arbitrary<char>()));
  };
  for (std::string Event::* field : {&Event::boot, &Event::actor, &Event::request, &Event::grant, &Event::outcome}) event.*field = bytes(200);
  event.detail = bytes(2000);
  event.attachment = std::string(*rc::gen::element<std::size_t>(0, kMaxAttachment, kMaxAttachment + 1), 'a');
  event.at = Instant{Millis{*rc::gen::arbitrary<std::int64_t>()}};
  const Event mended = Readable(event);
  const auto back = DecodeEvent(EncodeEvent(mended));
  RC_ASSERT(back.has_value());
  RC_ASSERT(*back == mended);
  RC_ASSERT(Readable(mended) == mended);
}

TEST(CodecText, A9HarmfulTextsInEventsAndReceipts) {
  for (const std::string& text : HarmfulTexts()) {
    for (std::string Event::* field : {&Event::boot, &Event::actor, &Event::request, &Event::grant, &Event::outcome, &Event::detail}) {
      Event event = SoundBatch(1).events[0];
      event.*field = text;
      EXPECT_FALSE(DecodeEvent(EncodeEvent(event)));
    }
    for (std::string Survivor::* field : {&Survivor::command, &Survivor::unit}) {
      Receipt receipt = SoundReceipt();
      receipt.survivors[0].*field = text;
      EXPECT_FALSE(DecodeReceipt(Trusted(Purpose::kReceipt, EncodeReceipt(receipt))));
    }
  }
}

// Names are typed, so a bad one is put on the wire in place of a good one of the same length.
std::string BundleWithBytes(std::string_view good, std::string_view bad) {
  std::string bytes = EncodeBundle(SoundBundle());
  const std::size_t at = bytes.find(good);
  EXPECT_NE(at, std::string::npos);
  bytes.replace(at, good.size(), bad);
  return Outcome(DecodeBundle(Trusted(Purpose::kBundle, bytes)));
}

TEST(CodecText, A9BadNamesOnTheWire) {
  for (const std::string_view bad : {"de/1", "../x", "%sud", "#001", "a,b1", "ALL=", "d v1", "dev.", "d\nv1", "\xff" "ev1"}) {
    EXPECT_NE(BundleWithBytes("\x1a\x04" "dev1", "\x1a\x04" + std::string(bad)), "read") << bad;
  }
  EXPECT_NE(BundleWithBytes("dev1", "-ev1"), "read");
  EXPECT_NE(BundleWithBytes("g-0123456789abcdefghij", "g-0123456789abcdefgh.."), "read");
  EXPECT_NE(BundleWithBytes("r-0123456789abcdefghij", "r-0123456789ABCDEFGHIJ"), "read");
  EXPECT_NE(BundleWithBytes("root", "ro/t"), "read");
  EXPECT_NE(BundleWithBytes("192.0.2.0/24", "192.0.2.0/33"), "read");
  EXPECT_NE(BundleWithBytes("192.0.2.0/24", "!192.0.2.0/2"), "read");
  EXPECT_NE(BundleWithBytes("ssh-ed25519 ", "ssh-ed25519\n"), "read");
  EXPECT_EQ(BundleWithBytes("dev1", "dev2"), "read");
}

TEST(CodecText, ValuesThatMeanNothingAreRefused) {
  const auto with = [](auto change) {
    Bundle bundle = SoundBundle();
    change(bundle);
    return Outcome(DecodeBundle(Trusted(Purpose::kBundle, EncodeBundle(bundle))));
  };
  EXPECT_EQ(with([](Bundle& b) { b.format = 2; }), "format: format 2, this build reads 1; upgrade the agent");
  EXPECT_EQ(with([](Bundle& b) { b.version = 0; }), "version: versions begin at 1");
  EXPECT_EQ(with([](Bundle& b) { b.grants.push_back(b.grants[0]); }), "grants: holds the same twice");
  EXPECT_EQ(with([](Bundle& b) { b.ended.push_back(b.ended[0]); }), "ended: holds the same twice");
  EXPECT_EQ(with([](Bundle& b) { b.managed.push_back(b.managed[0]); }), "managed: holds the same twice");
  EXPECT_EQ(with([](Bundle& b) { b.managed[0].gate = {}; }), "managed[0]: is gated for nothing");
  EXPECT_EQ(with([](Bundle& b) { b.grants[0].login.reset(), b.grants[0].sudo.reset(); }), "grants[0]: grants nothing");
  EXPECT_EQ(with([](Bundle& b) { b.grants[0].sudo->commands = std::vector<Command>{}; }),
            "grants[0].sudo: either all commands or some, not both or neither");
  EXPECT_EQ(with([](Bundle& b) { b.grants[0].end = kEndOfTime + Seconds{1}; }),
            "grants.end: value 253402300800 is over 253402300799 (byte 238)");
  EXPECT_NE(with([](Bundle& b) { b.grants[0].start = Instant{Seconds{-1}}; }), "read");
}

TEST(CodecText, AKeyHasOneRole) {
  const auto with = [](auto change) {
    RoleTable table = SoundRoles();
    change(table);
    return Outcome(DecodeRoleTable(Trusted(Purpose::kRoles, EncodeRoleTable(table))));
  };
  EXPECT_EQ(with([](RoleTable&) {}), "read") << "lease and delivered share a key, a revoker may have another role";
  EXPECT_NE(with([](RoleTable& t) { t.roles[Purpose::kApproval].keys.push_back(KeyNamed("bundle").Public()); }), "read");
  EXPECT_NE(with([](RoleTable& t) { t.roles[Purpose::kLease] = RoleOf(1, {"bundle"}); }), "read");
  EXPECT_NE(with([](RoleTable& t) { t.roles[Purpose::kDelivered] = RoleOf(1, {"approver1"}); }), "read");
  EXPECT_NE(with([](RoleTable& t) { t.roles[Purpose::kBundle] = RoleOf(1, {"bundle", "bundle"}); }), "read");
  EXPECT_NE(with([](RoleTable& t) { t.roles[Purpose::kBundle].threshold = 0; }), "read");
  EXPECT_NE(with([](RoleTable& t) { t.roles[Purpose::kBundle].threshold = 2; }), "read");
  EXPECT_EQ(with([](RoleTable& t) { t.version = 0; }), "version: versions begin at 1");
}

TEST(CodecText, RolesHaveOneOrder) {
  const auto role = [](int purpose) {
    return BytesField(2, NumberField(1, static_cast<std::uint64_t>(purpose)) + NumberField(2, 1) +
                             BytesField(3, KeyNamed(std::to_string(purpose)).Public().Raw()));
  };
  const auto read = [](const std::string& roles) {
    return Outcome(DecodeRoleTable(Trusted(Purpose::kRoles, NumberField(1, 1) + roles + BytesField(3, ""))));
  };
  EXPECT_EQ(read(role(2) + role(3)), "read");
  EXPECT_EQ(read(role(3) + role(2)), "roles: purposes do not rise");
  EXPECT_EQ(read(role(2) + role(2)), "roles: purposes do not rise");
}

}  // namespace
}  // namespace curfew::test
