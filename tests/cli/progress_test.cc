// SPDX-License-Identifier: Apache-2.0
// When waiting ends, and with which exit code.
#include "cli/progress.h"

#include <gtest/gtest.h>

namespace curfew {
namespace {

struct Row {
  const char* state;
  std::vector<const char*> grants;
  std::optional<ExitCode> end;
};

class ProgressTable : public testing::TestWithParam<Row> {};

TEST_P(ProgressTable, EndsAsTheStateSays) {
  RequestView request;
  request.state = GetParam().state;
  for (const char* state : GetParam().grants) {
    request.grants.emplace_back();
    request.grants.back().state = state;
  }
  EXPECT_EQ(ProgressOf(request).end, GetParam().end);
  EXPECT_NE(ProgressOf(request).line.find(GetParam().state), std::string::npos);
}

const Row kRows[] = {
    {"submitted", {}, std::nullopt},
    {"pending", {}, std::nullopt},
    {"approved", {"waiting"}, std::nullopt},
    {"provisioning", {"waiting", "waiting"}, std::nullopt},
    {"active", {"active"}, ExitCode::kDone},
    {"active", {"active", "waiting"}, std::nullopt},
    {"active", {"active", "active"}, ExitCode::kDone},
    {"active", {"active", "failed"}, ExitCode::kFailed},
    {"revoking", {"active"}, ExitCode::kEnded},
    {"revoked", {"ended"}, ExitCode::kEnded},
    {"withdrawn", {}, ExitCode::kEnded},
    {"lapsed", {}, ExitCode::kEnded},
    {"denied", {}, ExitCode::kDenied},
    {"failed", {"failed"}, ExitCode::kFailed},
    {"a-state-of-a-newer-controller", {}, ExitCode::kFailed},
};
INSTANTIATE_TEST_SUITE_P(Progress, ProgressTable, testing::ValuesIn(kRows));

TEST(Progress, SaysWhoseYesIsMissing) {
  RequestView request;
  request.state = "pending";
  request.stages = {{1, 1, {"group:leads"}, {}}, {2, 1, {"group:owners", "alice"}, {}}};
  EXPECT_EQ(ProgressOf(request).line, "pending: has 1 of 2 approvals, from group:owners, alice");
}

}  // namespace
}  // namespace curfew
