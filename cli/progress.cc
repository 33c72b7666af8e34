// SPDX-License-Identifier: Apache-2.0
// The states of DESIGN §9, seen from the asker.
#include "cli/progress.h"

#include <fmt/format.h>

#include <algorithm>

namespace curfew {
namespace {

std::size_t Count(const RequestView& request, const char* state) {
  return static_cast<std::size_t>(std::count_if(request.grants.begin(), request.grants.end(),
                                                [state](const GrantView& grant) { return grant.state == state; }));
}

/// "1 of 2 from group:leads" for the first stage that lacks a yes.
std::string Missing(const RequestView& request) {
  for (const StageView& stage : request.stages) {
    if (stage.have >= stage.need) continue;
    std::string who;
    for (const std::string& one : stage.who) who += (who.empty() ? "" : ", ") + one;
    return fmt::format("{} of {} approvals{}", stage.have, stage.need, who.empty() ? "" : ", from " + who);
  }
  return "an approval";
}

Progress OnHosts(const RequestView& request) {
  const std::size_t waiting = Count(request, "waiting");
  const std::size_t active = Count(request, "active");
  const std::string line = fmt::format("{}: usable on {} of {} hosts", request.state, active, request.grants.size());
  if (waiting > 0 || request.state != "active") return {std::nullopt, line};
  return {active == request.grants.size() ? ExitCode::kDone : ExitCode::kFailed, line};
}

}  // namespace

Progress ProgressOf(const RequestView& request) {
  const std::string& state = request.state;
  if (state == "submitted" || state == "pending") return {std::nullopt, state + ": has " + Missing(request)};
  if (state == "approved" || state == "provisioning" || state == "active") return OnHosts(request);
  if (state == "denied") return {ExitCode::kDenied, state};
  if (state == "revoking" || state == "revoked" || state == "withdrawn" || state == "lapsed")
    return {ExitCode::kEnded, state};
  return {ExitCode::kFailed, request.failure.empty() ? state : state + ": " + request.failure};
}

}  // namespace curfew
