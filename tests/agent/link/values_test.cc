// SPDX-License-Identifier: Apache-2.0
// The link's values: agent.toml there and back, endpoints, local frame headers, back-off.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "agent/agent_file.h"
#include "agent/link/backoff.h"
#include "agent/local_frame.h"

namespace curfew::test {
namespace {

AgentFile Sample() {
  return {HostId::FromHex(std::string(64, 'a')).value(),
          HostName::Parse("host1.example").value(),
          "https://curfew.example:7443",
          {"curfew.example", 7444}};
}

TEST(AgentFile, IsReadBackAsWritten) {
  const auto read = ParseAgentFile(RenderAgentFile(Sample()), "agent.toml");
  ASSERT_TRUE(read) << read.error().Text();
  EXPECT_EQ(*read, Sample());
}

TEST(AgentFile, KeysOfOthersArePassedOver) {
  EXPECT_TRUE(ParseAgentFile(RenderAgentFile(Sample()) + "[pam]\nservices = [\"ftp\"]\n", "agent.toml"));
}

TEST(AgentFile, ErrorsNameFileLineAndColumn) {
  const auto read = ParseAgentFile("host_id = \"a\"\nname = [\n", "/etc/curfew/agent.toml");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().where.substr(0, 24), "/etc/curfew/agent.toml:2") << read.error().Text();
  EXPECT_EQ(read.error().hint, "run: curfew-agent join");
}

TEST(AgentFile, EveryKeyOfOursIsNeeded) {
  const std::string whole = RenderAgentFile(Sample());
  for (const std::string key : {"host_id", "name", "controller", "agents"}) {
    std::string text = whole;
    text.insert(text.find("\n" + key) + 1, "x_");
    const auto read = ParseAgentFile(text, "agent.toml");
    ASSERT_FALSE(read) << key;
    EXPECT_NE(read.error().what.find("`" + key + "`"), std::string::npos) << read.error().Text();
  }
}

TEST(Endpoint, FormsThatAreRead) {
  EXPECT_EQ(ParseEndpoint("host:7444").value(), (Endpoint{"host", 7444}));
  EXPECT_EQ(ParseEndpoint("192.0.2.1:1").value(), (Endpoint{"192.0.2.1", 1}));
  EXPECT_EQ(ParseEndpoint("[2001:db8::1]:65535").value(), (Endpoint{"2001:db8::1", 65535}));
  EXPECT_EQ(FormatEndpoint({"2001:db8::1", 7444}), "[2001:db8::1]:7444");
}

TEST(Endpoint, FormsThatAreNot) {
  for (const char* text : {"", "host", "host:", ":7444", "host:0", "host:65536", "host:7444x", "host: 7444",
                           "2001:db8::1:7444", "[host]:1", "ho st:1", "host\n:1", "host/:1"}) {
    EXPECT_FALSE(ParseEndpoint(text)) << text;
  }
}

RC_GTEST_PROP(LocalFrame, HeaderIsReadBack, ()) {
  const auto kinds = {LocalKind::kOffer,   LocalKind::kStatus,       LocalKind::kSubscribe, LocalKind::kRevokeAll,
                      LocalKind::kVerdict, LocalKind::kStatusAnswer, LocalKind::kBatch};
  const auto kind = *rc::gen::elementOf(std::vector<LocalKind>(kinds));
  const auto length = *rc::gen::inRange<std::uint32_t>(0, kMostLocalBody + 1);
  const auto read = ReadLocalHeader(WriteLocalHeader({kind, length}));
  RC_ASSERT(read.has_value());
  RC_ASSERT(read->kind == kind);
  RC_ASSERT(read->length == length);
}

RC_GTEST_PROP(LocalFrame, WhatIsNotOursIsRefused, (std::array<std::uint8_t, kLocalHeader> raw)) {
  const auto read = ReadLocalHeader(raw);
  if (!read) return;
  RC_ASSERT(read->length <= kMostLocalBody);
  RC_ASSERT(WriteLocalHeader(*read) == raw);
}

TEST(LocalFrame, LengthOverTheBoundIsRefused) {
  EXPECT_FALSE(ReadLocalHeader(WriteLocalHeader({LocalKind::kOffer, static_cast<std::uint32_t>(kMostLocalBody + 1)})));
  EXPECT_FALSE(ReadLocalHeader({0, 0, 0, 1, 1, 0, 0, 1}));
  EXPECT_FALSE(ReadLocalHeader({0, 0, 0, 1, 5, 0, 0, 0}));
  EXPECT_FALSE(ReadLocalHeader({0, 0, 0, 1, 64, 0, 0, 0}));
}

RC_GTEST_PROP(Backoff, StaysWithinBoundsAndGrows, ()) {
  const auto failures = *rc::gen::inRange(0U, 100U);
  const double chance = *rc::gen::inRange(0, 1000) / 1000.0;
  const Millis wait = NextDelay(failures, chance);
  RC_ASSERT(wait >= kShortestBackoff);
  RC_ASSERT(wait <= kLongestBackoff);
  RC_ASSERT(NextDelay(failures + 1, chance) >= wait);
}

TEST(Backoff, FleetIsSpreadOut) {
  EXPECT_EQ(NextDelay(0, 0.0), Millis{500});
  EXPECT_EQ(NextDelay(100, 0.0), Millis{15000});
  EXPECT_GT(NextDelay(100, 0.999), Millis{29900});
}

}  // namespace
}  // namespace curfew::test
