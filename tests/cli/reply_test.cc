// SPDX-License-Identifier: Apache-2.0
// Statuses and problem documents as exit codes (INTERFACES, api/openapi.yaml).
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "cli/controller_api.h"

namespace curfew {
namespace {

struct Row {
  long status;
  const char* code;
  ExitCode exit;
};

class Refusals : public testing::TestWithParam<Row> {};

TEST_P(Refusals, BecomeTheirExitCodeAndSayWhatToDo) {
  const Row& row = GetParam();
  const boost::json::value problem{{"type", "urn:curfew:problem:x"}, {"title", "t"}, {"status", row.status},
                                   {"detail", "what was wrong"},     {"hint", ""},   {"code", row.code}};
  const auto answer = ReadReply({row.status, boost::json::serialize(problem)});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().exit, row.exit);
  EXPECT_EQ(answer.error().what, "what was wrong");
  EXPECT_NE(answer.error().next, "");
}

const Row kRows[] = {
    {400, "malformed", ExitCode::kFailed},
    {401, "login-first", ExitCode::kLogInFirst},
    {403, "denied-by-policy", ExitCode::kDenied},
    {403, "not-your-right", ExitCode::kDenied},
    {403, "own-request", ExitCode::kDenied},
    {404, "not-found", ExitCode::kNoSuchThing},
    {409, "already-ended", ExitCode::kEnded},
    {409, "not-pending", ExitCode::kFailed},
    {409, "conflict", ExitCode::kFailed},
    {413, "too-large", ExitCode::kFailed},
    {422, "unusable", ExitCode::kFailed},
    {429, "busy", ExitCode::kFailed},
    {500, "internal", ExitCode::kFailed},
    {501, "not-available", ExitCode::kFailed},
    {502, "", ExitCode::kUnreachable},
    {503, "", ExitCode::kUnreachable},
    {504, "", ExitCode::kUnreachable},
    {301, "", ExitCode::kFailed},
};
INSTANTIATE_TEST_SUITE_P(Reply, Refusals, testing::ValuesIn(kRows));

TEST(Reply, TheControllersHintComesFirst) {
  const auto answer = ReadReply({403, R"({"detail":"d","hint":"ask lead1","code":"own-request"})"});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().Text(), "d; ask lead1");
}

TEST(Reply, AnyTextOfAProblemIsSafeOnATerminal) {
  const auto answer = ReadReply({403, R"({"detail":"\u001b[2J","hint":"x","code":"own-request"})"});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().Text().find('\x1b'), std::string::npos);
}

TEST(Reply, WhatIsNoJsonIsAnErrorEitherWay) {
  EXPECT_EQ(ReadReply({200, "<html>"}).error().exit, ExitCode::kFailed);
  EXPECT_EQ(ReadReply({403, "<html>"}).error().exit, ExitCode::kDenied);
  EXPECT_EQ(ReadReply({200, "{} {}"}).error().exit, ExitCode::kFailed);
  EXPECT_EQ(ReadReply({200, std::string(100000, '[')}).error().exit, ExitCode::kFailed);
}

TEST(Reply, NothingIsAnAnswerToo) {
  const auto answer = ReadReply({204, ""});
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->is_object());
}

}  // namespace
}  // namespace curfew
