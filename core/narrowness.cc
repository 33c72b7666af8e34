// SPDX-License-Identifier: Apache-2.0
// Which actions of a plan give nothing (declared in plan.h).
#include <algorithm>
#include <map>

#include "core/plan.h"

namespace curfew {
namespace {

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

}  // namespace curfew
