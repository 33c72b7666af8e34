// SPDX-License-Identifier: Apache-2.0
// Order MUST stay: take away (rules, keys, sessions), close gates, ask, give (rules, keys, longer sessions), open gates.
// Stale lines go before a gate closes, for the gate is what makes sshd read them.
#include "core/plan.h"

#include <algorithm>

#include "core/host_files.h"
#include "core/session_plan.h"

namespace curfew {
namespace {

struct Steps {
  std::vector<Action> take;
  std::set<GrantId> intend;
  std::vector<Action> check;
  std::vector<Action> give;
};

/// What the account of a grant may be given now.
class Allowance {
 public:
  Allowance(const Desired& desired, const Assured& assured) : assured_(assured) {
    for (const Grant& grant : desired.live) {
      if (assured.held_back.contains(grant.account)) held_.insert(grant.id);
    }
  }
  [[nodiscard]] bool Held(const GrantId& grant) const { return held_.contains(grant); }
  [[nodiscard]] bool Intended(const GrantId& grant) const { return assured_.intended.contains(grant); }

 private:
  const Assured& assured_;
  std::set<GrantId> held_;
};

using RuleIndex = std::map<GrantId, const Rule*>;

RuleIndex IndexRules(const std::vector<Rule>& rules) {
  RuleIndex index;
  for (const Rule& rule : rules) index.emplace(rule.grant, &rule);
  return index;
}

bool Holds(const RuleIndex& index, const Rule& rule) {
  const auto found = index.find(rule.grant);
  return found != index.end() && *found->second == rule;
}

bool HoldsAll(const RuleIndex& index, const std::vector<Rule>& rules) {
  return std::all_of(rules.begin(), rules.end(), [&](const Rule& rule) { return Holds(index, rule); });
}

/// Three texts of the sudoers file, each a part of what is desired.
struct RuleTexts {
  std::vector<Rule> kept;   ///< what may stand at once
  std::vector<Rule> ready;  ///< with what is new, intended and checked
  std::vector<Rule> full;   ///< with all that may be offered: what visudo is asked about
};

RuleTexts SortRules(const Desired& desired, const Actual& actual, const Assured& assured, const Allowance& may) {
  const RuleIndex have = IndexRules(actual.access.rules);
  const RuleIndex checked = assured.checked ? IndexRules(*assured.checked) : RuleIndex{};
  RuleTexts texts;
  for (const Rule& rule : desired.access.rules) {
    const bool held = may.Held(rule.grant);
    const bool assured_before = may.Intended(rule.grant) && Holds(checked, rule);
    const bool repaired = actual.rules_foreign && assured_before && !held;
    const bool offered = !held && !assured.refused.contains(rule.grant) &&
                         !(assured.one_by_one && texts.full.size() > texts.kept.size());
    if (Holds(have, rule) || repaired) {
      for (auto* text : {&texts.kept, &texts.ready, &texts.full}) text->push_back(rule);
    } else if (offered) {
      if (assured_before) texts.ready.push_back(rule);
      texts.full.push_back(rule);
    }
  }
  if (!HoldsAll(checked, texts.ready)) texts.ready = texts.kept;
  return texts;
}

void PlanRules(Steps& steps, const Desired& desired, const Actual& actual, const Assured& assured, const Allowance& may) {
  const RuleTexts texts = SortRules(desired, actual, assured, may);
  if (actual.rules_foreign || texts.kept != actual.access.rules) {
    steps.take.emplace_back(ReplaceRules{texts.kept, false});
  }
  if (texts.full == texts.kept) return;
  for (const Rule& rule : texts.full) {
    if (!may.Intended(rule.grant)) steps.intend.insert(rule.grant);
  }
  if (texts.ready != texts.kept) steps.give.emplace_back(ReplaceRules{texts.ready, true});
  const bool known = assured.checked && HoldsAll(IndexRules(*assured.checked), texts.full);
  if (!known) steps.check.emplace_back(CheckRules{texts.full});
}

using KeyIndex = std::map<std::pair<GrantId, LoginKey>, const KeyLine*>;

void PlanAccountKeys(Steps& steps, const AccountName& account, const std::vector<KeyLine>& want,
                     const std::vector<KeyLine>& have, bool foreign, const Allowance& may) {
  KeyIndex index;
  for (const KeyLine& line : have) index.emplace(std::pair(line.grant, line.key), &line);
  std::vector<KeyLine> kept;
  std::vector<KeyLine> full;
  for (const KeyLine& line : want) {
    const auto found = index.find(std::pair(line.grant, line.key));
    const bool held = may.Held(line.grant);
    const bool intended = may.Intended(line.grant);
    const bool stays = (found != index.end() && *found->second == line) || (foreign && intended && !held);
    if (stays) kept.push_back(line);
    if (stays || (intended && !held)) full.push_back(line);
    if (!stays && !intended && !held) steps.intend.insert(line.grant);
  }
  if (foreign || kept != have) steps.take.emplace_back(ReplaceKeys{account, kept, false});
  if (full != kept) steps.give.emplace_back(ReplaceKeys{account, full, true});
}

void PlanKeys(Steps& steps, const Desired& desired, const Actual& actual, const Allowance& may) {
  static const std::vector<KeyLine> kNone;
  const auto lines_of = [](const Access& access, const AccountName& account) -> const std::vector<KeyLine>& {
    const auto found = access.keys.find(account);
    return found == access.keys.end() ? kNone : found->second;
  };
  std::set<AccountName> accounts = actual.keys_foreign;
  for (const auto& [account, lines] : desired.access.keys) accounts.insert(account);
  for (const auto& [account, lines] : actual.access.keys) accounts.insert(account);
  for (const AccountName& account : accounts) {
    PlanAccountKeys(steps, account, lines_of(desired.access, account), lines_of(actual.access, account),
                    actual.keys_foreign.contains(account), may);
  }
}

Gate Both(const Gate& one, const Gate& other) { return {one.login || other.login, one.sudo || other.sudo}; }

using GateList = std::map<AccountName, Gated>;

// The PAM module trusts no longer list, and then guards nobody. So those go that only were guarded, whose access was taken away
// first of all; those of whom it could not be taken go last.
void Shorten(GateList& all, const std::vector<Gated>& after, const std::set<AccountName>& held) {
  std::set<AccountName> wanted;
  for (const Gated& account : after) wanted.insert(account.name);
  std::set<AccountName> wanted_or_held = wanted;
  wanted_or_held.insert(held.begin(), held.end());
  for (const auto* stay : {&wanted_or_held, &wanted}) {
    for (auto one = all.begin(); one != all.end() && all.size() > kMostGated;) {
      one = stay->contains(one->first) ? std::next(one) : all.erase(one);
    }
  }
}

/// The managed list that guards all that is guarded before or after, as far as it is read.
std::vector<Gated> Narrowest(const std::vector<Gated>& after, const std::vector<Gated>& before, const std::set<AccountName>& held) {
  GateList all;
  for (const Gated& account : after) all.emplace(account.name, account);
  for (const Gated& account : before) {
    auto& gate = all.emplace(account.name, account).first->second.gate;
    gate = Both(gate, account.gate);
  }
  Shorten(all, after, held);
  std::vector<Gated> list;
  list.reserve(all.size());
  for (auto& [name, account] : all) list.push_back(std::move(account));
  return list;
}

/// What is desired, but no gate opens on an account that is held back.
std::vector<Gated> Final(const std::vector<Gated>& desired, const std::vector<Gated>& narrowest, const Assured& assured) {
  std::vector<Gated> held;
  for (const Gated& account : narrowest) {
    if (assured.held_back.contains(account.name)) held.push_back(account);
  }
  return Narrowest(desired, held, assured.held_back);
}

template <class Actions>
void Append(std::vector<Action>& plan, Actions&& actions) {
  for (auto& action : actions) plan.emplace_back(std::move(action));
}

}  // namespace

std::vector<Action> Plan(const Desired& desired, const Actual& actual, const Assured& assured) {
  Steps steps;
  const Allowance may(desired, assured);
  PlanRules(steps, desired, actual, assured, may);
  PlanKeys(steps, desired, actual, may);
  SessionSteps sessions = PlanSessions(desired, actual, assured);
  const std::vector<Gated> narrowest = Narrowest(desired.managed, actual.managed, assured.held_back);
  const std::vector<Gated> final = Final(desired.managed, narrowest, assured);

  std::vector<Action> plan = std::move(steps.take);
  Append(plan, std::move(sessions.narrower));
  if (actual.managed_foreign || narrowest != actual.managed) plan.emplace_back(ReplaceManaged{narrowest});
  for (const GrantId& grant : steps.intend) plan.emplace_back(Intend{grant});
  Append(plan, std::move(steps.check));
  Append(plan, std::move(steps.give));
  Append(plan, std::move(sessions.wider));
  if (final != narrowest) plan.emplace_back(ReplaceManaged{final});
  return plan;
}

void NoteRefusal(const std::vector<Rule>& rules, const Actual& actual, Assured& assured) {
  const RuleIndex have = IndexRules(actual.access.rules);
  std::set<GrantId> fresh;
  for (const Rule& rule : rules) {
    if (!Holds(have, rule)) fresh.insert(rule.grant);
  }
  if (fresh.size() == 1) assured.refused.insert(*fresh.begin());
  if (fresh.size() > 1) assured.one_by_one = true;
}

bool Covers(const SudoRight& wide, const SudoRight& narrow) {
  if (wide.runas != narrow.runas || (wide.authenticate && !narrow.authenticate)) return false;
  const auto* allowed = std::get_if<std::vector<Command>>(&wide.commands);
  if (allowed == nullptr) return true;
  const auto* asked = std::get_if<std::vector<Command>>(&narrow.commands);
  if (asked == nullptr) return false;
  return std::all_of(asked->begin(), asked->end(), [&](const Command& command) {
    return std::find(allowed->begin(), allowed->end(), command) != allowed->end();
  });
}

}  // namespace curfew
