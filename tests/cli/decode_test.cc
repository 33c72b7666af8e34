// SPDX-License-Identifier: Apache-2.0
// JSON to values: every field of INTERFACES arrives, a wrong one is named, an unknown one is left alone.
#include "cli/decode.h"

#include <gtest/gtest.h>

#include "tests/cli/sample.h"

namespace curfew {
namespace {

namespace json = boost::json;

TEST(Decode, ARequestArrivesWhole) {
  const auto request = DecodeRequest(json::parse(kRequestJson));
  ASSERT_TRUE(request) << request.error().Text();
  EXPECT_EQ(request->id, "r-0000000000000000000a");
  EXPECT_EQ(request->state, "active");
  EXPECT_TRUE(request->what.login);
  EXPECT_EQ(std::get<std::vector<Argv>>(request->what.sudo)[0][2], "nginx");
  EXPECT_EQ(request->length, Seconds{3600});
  EXPECT_EQ(request->stages[0].decisions[0].by, "lead1");
  EXPECT_EQ(request->history[0].state, "submitted");
  ASSERT_EQ(request->grants.size(), 2U);
  EXPECT_EQ(request->grants[0].end, *ParseRfc3339("2026-11-22T18:00:05.000Z"));
  EXPECT_EQ(request->grants[0].ended_at, std::nullopt);
  EXPECT_EQ(request->grants[1].cause, "revoked");
  EXPECT_EQ(request->grants[1].survivors[0].command, "sleep 9");
  EXPECT_EQ(request->revision, 12);
}

TEST(Decode, SudoAllAndNone) {
  json::value value = json::parse(kRequestJson);
  value.at("what").as_object()["sudo"] = "all";
  EXPECT_TRUE(std::holds_alternative<AllCommands>(DecodeRequest(value)->what.sudo));
  value.at("what").as_object()["sudo"] = nullptr;
  EXPECT_TRUE(std::holds_alternative<std::monostate>(DecodeRequest(value)->what.sudo));
}

TEST(Decode, WhatIsUnknownIsLeftAlone) {
  json::value value = json::parse(kRequestJson);
  value.as_object()["later"] = 1;
  value.as_object()["state"] = "a-new-state";
  EXPECT_TRUE(DecodeRequest(value));
}

class Missing : public testing::TestWithParam<const char*> {};

TEST_P(Missing, IsNamed) {
  json::value value = json::parse(kRequestJson);
  value.as_object().erase(GetParam());
  const auto request = DecodeRequest(value);
  ASSERT_FALSE(request);
  EXPECT_NE(request.error().what.find(std::string("request.") + GetParam()), std::string::npos) << request.error().what;
}
INSTANTIATE_TEST_SUITE_P(Decode, Missing,
                         testing::Values("id", "state", "requester", "account", "duration_s", "revision"));

struct Bad {
  const char* pointer;
  json::value value;
  const char* named;
};

class WrongType : public testing::TestWithParam<Bad> {};

TEST_P(WrongType, IsNamedWithItsPath) {
  json::value value = json::parse(kRequestJson);
  value.at_pointer(GetParam().pointer) = GetParam().value;
  const auto request = DecodeRequest(value);
  ASSERT_FALSE(request);
  EXPECT_EQ(request.error().exit, ExitCode::kFailed);
  EXPECT_NE(request.error().what.find(GetParam().named), std::string::npos) << request.error().what;
}
const Bad kBad[] = {
    {"/id", 1, "request.id"},
    {"/duration_s", "3600", "request.duration_s"},
    {"/duration_s", 3600.5, "request.duration_s"},
    {"/what", json::array{}, "request.what"},
    {"/what/sudo", 5, "request.what.sudo"},
    {"/what/sudo/0", "all", "request.what.sudo"},
    {"/grants", json::object{}, "request.grants"},
    {"/grants/1/host", nullptr, "request.grants[1].host"},
    {"/grants/0/end", "tomorrow", "request.grants[0].end"},
    {"/grants/1/survivors/0/pid", "7", "request.grants[1].survivors[0].pid"},
    {"/hosts", json::array{1}, "request.hosts"},
};
INSTANTIATE_TEST_SUITE_P(Decode, WrongType, testing::ValuesIn(kBad));

TEST(Decode, HostsEventsKeysSessions) {
  const auto host = DecodeHost(json::parse(
      R"({"name":"host1","id":"ab","labels":{"env":"lab"},"online":true,"last_seen":null,"version":"0.1.0","format":1,
          "sudo":{"kind":"sudo","version":"1.9.13p3"},"sshd":"OpenSSH_9.2p1","layers":{"pam":true,"reaper":false},
          "clock_offset_ms":null,"bundle":{"epoch":1,"version":4,"acked":3},"drift":[],"tainted":false,"mode":"enforce"})"));
  ASSERT_TRUE(host) << host.error().Text();
  EXPECT_EQ(host->labels, std::vector<std::string>{"env=lab"});
  EXPECT_FALSE(host->layers.at("reaper"));
  EXPECT_EQ(host->acked, 3);
  EXPECT_EQ(host->sudo, "sudo 1.9.13p3");
  const auto person = DecodePerson(json::parse(
      R"({"user":"dev1","groups":["a"],"notices":[{"id":7,"at":"2026-11-22T17:00:00.000Z","request":"r","text":"t"}]})"));
  ASSERT_TRUE(person) << person.error().Text();
  EXPECT_EQ(person->notices[0].id, "7");
  EXPECT_TRUE(DecodeEvent(json::parse(R"({"n":1,"seq":1,"kind":"receipt","host":null})")));
  EXPECT_FALSE(DecodeEvent(json::parse(R"({"n":1,"kind":"receipt"})")));
  EXPECT_TRUE(DecodeKey(json::parse(R"({"id":"k","type":"ssh-ed25519","bits":256,"fingerprint":"SHA256:x"})")));
  EXPECT_FALSE(DecodeSession(json::parse(R"({"user":"dev1"})")));
  EXPECT_FALSE(DecodeHost(json::parse("[]")));
}

}  // namespace
}  // namespace curfew
