// SPDX-License-Identifier: Apache-2.0
// The file alone, and the file beside the people of the controller.
#include "core/policy_doubts.h"

#include <algorithm>

namespace curfew {
namespace {

bool IsGated(const Policy& policy, const PolicyRule& rule, bool Gate::*part) {
  const auto* fixed = std::get_if<AccountName>(&rule.account);
  return std::any_of(policy.managed.begin(), policy.managed.end(), [&](const ManagedRule& managed) {
    const auto& accounts = managed.accounts;
    const bool meant = fixed == nullptr || std::find(accounts.begin(), accounts.end(), *fixed) != accounts.end();
    return meant && managed.gate.*part;
  });
}

bool MaySayYes(const Stage& stage, const Person& person) {
  return std::any_of(stage.who.begin(), stage.who.end(), [&](const Approver& approver) {
    return approver.group ? person.groups.contains(approver.name) : person.name == approver.name;
  });
}

std::string WhoOf(const Stage& stage) {
  std::string text;
  for (const Approver& approver : stage.who) text += (text.empty() ? "" : ", ") + Text(approver);
  return text;
}

}  // namespace

std::vector<std::string> UnguardedGifts(const Policy& policy) {
  std::vector<std::string> doubts;
  const auto look = [&](const PolicyRule& rule, const char* what, bool Gate::*part) {
    if (IsGated(policy, rule, part)) return;
    doubts.push_back("policy " + rule.name + " gives " + what + ", but no account that it gives has " + what +
                     " in its gate under `managed`: requests for it are refused");
  };
  for (const PolicyRule& rule : policy.rules) {
    if (rule.login) look(rule, "login", &Gate::login);
    if (rule.sudo) look(rule, "sudo", &Gate::sudo);
  }
  return doubts;
}

std::vector<std::string> StagesInVain(const Policy& policy, const std::vector<Person>& people) {
  std::vector<std::string> doubts;
  for (const PolicyRule& rule : policy.rules) {
    for (const Stage& stage : rule.approve) {
      const auto able = std::count_if(people.begin(), people.end(), [&](const Person& one) { return MaySayYes(stage, one); });
      if (able >= static_cast<std::int64_t>(stage.need)) continue;
      doubts.push_back("policy " + rule.name + " needs the yes of " + std::to_string(stage.need) + " from " + WhoOf(stage) + ", who are " +
                       std::to_string(able) + " people now: see curfew-controller user add --group");
    }
  }
  return doubts;
}

}  // namespace curfew
