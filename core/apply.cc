// SPDX-License-Identifier: Apache-2.0
// What each action does to the state, as a value: the meaning that the enforcer's real actions must have.
#include <algorithm>
#include <map>

#include "core/plan.h"

namespace curfew {
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

/// True when each gate that is closed in `before` is closed in `after`.
bool KeepsClosed(const std::vector<Gated>& before, const std::vector<Gated>& after) {
  std::map<AccountName, Gate> gates;
  for (const Gated& account : after) gates.emplace(account.name, account.gate);
  return std::all_of(before.begin(), before.end(), [&](const Gated& account) {
    const Gate gate = gates[account.name];
    return (gate.login || !account.gate.login) && (gate.sudo || !account.gate.sudo);
  });
}

struct Narrowness {
  const Actual& actual;

  bool operator()(const ReplaceRules& action) const { return !action.gift; }
  bool operator()(const ReplaceKeys& action) const { return !action.gift; }
  bool operator()(const ReplaceManaged& action) const { return KeepsClosed(actual.managed, action.managed); }
  bool operator()(const RebindSession& action) const { return action.deadline <= action.session.deadline; }
  /// An end of a session, and what is only asked.
  template <class Other>
  bool operator()(const Other&) const {
    return true;
  }
};

}  // namespace

bool OnlyTakes(const Action& action, const Actual& actual) { return std::visit(Narrowness{actual}, action); }

void ApplyTo(const Action& action, Actual& actual, Assured& assured) {
  std::visit(Application{actual, assured}, action);
}

}  // namespace curfew
