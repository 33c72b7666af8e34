// SPDX-License-Identifier: Apache-2.0
// Codes, statuses and titles.
#include "controller/api/problem.h"

#include <boost/json.hpp>

namespace curfew {
namespace {

struct Kind {
  Refusal refusal;
  int status;
  const char* code;
};

constexpr std::array<Kind, 11> kKinds = {{
    {Refusal::kMalformed, 400, "malformed"},
    {Refusal::kDeniedByPolicy, 403, "denied-by-policy"},
    {Refusal::kNotYourRight, 403, "not-your-right"},
    {Refusal::kOwnRequest, 403, "own-request"},
    {Refusal::kTokenRefused, 403, "token-refused"},
    {Refusal::kNotFound, 404, "not-found"},
    {Refusal::kConflict, 409, "conflict"},
    {Refusal::kAlreadyEnded, 409, "already-ended"},
    {Refusal::kNotPending, 409, "not-pending"},
    {Refusal::kKeyReused, 409, "idempotency-key-reused"},
    {Refusal::kUnusable, 422, "unusable"},
}};

std::string Title(const std::string& code) {
  std::string title = code;
  std::replace(title.begin(), title.end(), '-', ' ');
  return title;
}

}  // namespace

Problem ProblemOf(const Refused& refused) {
  for (const auto& kind : kKinds) {
    if (kind.refusal == refused.kind) return {kind.status, kind.code, refused.what, refused.hint};
  }
  return {500, "internal", refused.what, refused.hint};
}

ApiReply ReplyOf(const Problem& problem) {
  const boost::json::object body{{"type", "urn:curfew:problem:" + problem.code}, {"title", Title(problem.code)},
                                 {"status", problem.status}, {"code", problem.code}, {"detail", problem.detail},
                                 {"hint", problem.hint}};
  return {problem.status, "application/problem+json", boost::json::serialize(body), {}};
}

}  // namespace curfew
