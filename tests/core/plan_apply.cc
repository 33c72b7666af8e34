// SPDX-License-Identifier: Apache-2.0
// What each action does to the state, as a value: the meaning that the enforcer's real actions must have.
#include "tests/core/plan_apply.h"

#include <algorithm>
#include <map>

namespace curfew::test {
namespace {

struct Application {
  Actual& actual;
  Assured& assured;

  void operator()(const ReplaceRules& action) const {
    actual.access.rules = action.rules;
    actual.rules_foreign = false;
  }
  void operator()(const ReplaceKeys& action) const {
    actual.access.keys.erase(action.account);
    if (!action.lines.empty()) actual.access.keys.emplace(action.account, action.lines);
    actual.keys_foreign.erase(action.account);
  }
  void operator()(const ReplaceManaged& action) const {
    actual.managed = action.managed;
    actual.managed_foreign = false;
  }
  void operator()(const EndSession& action) const { std::erase(actual.sessions, action.session); }
  void operator()(const RebindSession& action) const {
    const auto session = std::find(actual.sessions.begin(), actual.sessions.end(), action.session);
    if (session == actual.sessions.end()) return;
    session->grant = action.grant;
    session->deadline = action.deadline;
  }
  void operator()(const Intend& action) const { assured.intended.insert(action.grant); }
  void operator()(const CheckRules& action) const { assured.checked = action.rules; }
};

}  // namespace

void ApplyTo(const Action& action, Actual& actual, Assured& assured) {
  std::visit(Application{actual, assured}, action);
}

}  // namespace curfew::test
