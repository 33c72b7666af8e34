// SPDX-License-Identifier: Apache-2.0
// The laws of Plan over random hosts: safe to cut anywhere, complete when applied, silent when there is nothing to do.
#include <gtest/gtest.h>

#include "core/authorized_keys.h"
#include "core/sudoers.h"
#include "tests/core/plan_apply.h"
#include "tests/core/law.h"

namespace curfew::test {
namespace {

/// A random host before a turn of the loop.
struct Turn {
  HostFacts facts;
  Now now;
  Desired desired;
  Actual actual;
  Assured assured;
};

Turn RandomTurn(Dice& dice) {
  const Bundle bundle = RandomBundle(dice, 6);
  const Bundle before = RandomBundle(dice, 6);
  Turn turn{RandomFacts(dice, bundle), RandomNow(dice), {}, {}, {}};
  turn.desired = DesiredState(bundle, turn.facts, turn.now);
  const Desired other = DesiredState(before, turn.facts, Now{Hour(3), BootInstant{}});
  turn.actual = RandomActual(dice, turn.desired, other, turn.now.utc);
  turn.assured = RandomAssured(dice, turn.desired, turn.actual);
  return turn;
}

using Tokens = std::set<std::string>;

enum class Keys { kThatWork, kThatStand };

/// All that the host lets anybody do, as texts. An open gate is a token of its own: with it the host's own ways count.
/// A key works behind a closed gate only: sshd reads our file for no other account.
Tokens AllowedBy(const Actual& host, Keys which = Keys::kThatWork) {
  Tokens tokens;
  std::map<AccountName, Gate> gates;
  for (const Gated& account : host.managed) gates[account.name] = account.gate;
  for (const AccountName& account : Accounts()) {
    if (!gates[account].login) tokens.insert("own login " + account.Text());
    if (!gates[account].sudo) tokens.insert("own sudo " + account.Text());
  }
  for (const Rule& rule : host.access.rules) tokens.insert(RenderRules({rule}, SudoTraits{}));
  for (const auto& [account, lines] : host.access.keys) {
    if (which == Keys::kThatWork && !gates[account].login) continue;
    for (const KeyLine& line : lines) tokens.insert(account.Text() + " " + RenderKeys({line}));
  }
  return tokens;
}

Tokens Union(Tokens one, const Tokens& other) {
  one.insert(other.begin(), other.end());
  return one;
}

bool Within(const Tokens& part, const Tokens& whole) {
  const bool within = std::includes(whole.begin(), whole.end(), part.begin(), part.end());
  if (within) return true;
  RC_LOG() << "allowed:\n";
  for (const std::string& token : part) RC_LOG() << (whole.contains(token) ? "  " : "  TOO MUCH ") << token << "\n";
  return false;
}

TEST(PlanLaw, OfEqualsIsEmpty) {
  Law("a host as desired has nothing to do", [](Dice& dice) {
    Turn turn = RandomTurn(dice);
    Actual actual = AppliedState(turn.desired, turn.now.utc);
    for (const Grant& grant : turn.desired.live) {
      if (grant.longest_session > Seconds{0} || !grant.login) continue;
      const bool outlived = std::any_of(turn.desired.live.begin(), turn.desired.live.end(), [&](const Grant& other) {
        return other.account == grant.account && other.end > grant.end;
      });
      if (!outlived) actual.sessions.push_back({"user.slice/s", *grant.uid, grant.id, SessionKind::kLogin, grant.end});
    }
    RC_ASSERT(Plan(turn.desired, actual, turn.assured).empty());
  });
}

TEST(PlanLaw, AppliedTwiceReachesDesired) {
  Law("applying a plan, and again after its answers, gives what was desired", [](Dice& dice) {
    Turn turn = RandomTurn(dice);
    for (int round = 0; round < 2; ++round) {
      for (const Action& action : Plan(turn.desired, turn.actual, turn.assured)) {
        ApplyTo(action, turn.actual, turn.assured);
      }
    }
    RC_ASSERT(turn.actual.access == turn.desired.access);
    RC_ASSERT(turn.actual.managed == turn.desired.managed);
    RC_ASSERT(!turn.actual.rules_foreign && turn.actual.keys_foreign.empty() && !turn.actual.managed_foreign);
    RC_ASSERT(Plan(turn.desired, turn.actual, turn.assured).empty());
  });
}

TEST(PlanLaw, CutAnywhereNeverWidens) {
  Law("after each action nobody has more than before or than desired", [](Dice& dice) {
    Turn turn = RandomTurn(dice);
    if (dice.OneIn(3)) turn.assured.held_back.insert(dice.Pick(Accounts()));
    const Actual goal = AppliedState(turn.desired, turn.now.utc);
    const Tokens most = Union(AllowedBy(turn.actual), AllowedBy(goal, Keys::kThatStand));
    for (int round = 0; round < 3; ++round) {
      for (const Action& action : Plan(turn.desired, turn.actual, turn.assured)) {
        ApplyTo(action, turn.actual, turn.assured);
        RC_ASSERT(Within(AllowedBy(turn.actual), most));
      }
    }
  });
}

TEST(PlanLaw, OneFileThatCannotBeWrittenKeepsNothingElseOpen) {
  Law("when one removal fails, the rest of its turn takes away all else and gives nothing", [](Dice& dice) {
    Turn turn = RandomTurn(dice);
    const std::vector<Action> plan = Plan(turn.desired, turn.actual, turn.assured);
    if (plan.empty()) return;
    const std::size_t fails = dice.Roll(plan.size());
    // A stale key that could not be removed may come to stand behind a gate that closes: there PAM refuses it.
    const Tokens before = AllowedBy(turn.actual, Keys::kThatStand);
    const Tokens most = AllowedBy(AppliedState(turn.desired, turn.now.utc), Keys::kThatStand);
    const Tokens had = AllowedBy(turn.actual);
    const auto* failed_keys = std::get_if<ReplaceKeys>(&plan[fails]);
    const bool failed_rules = std::holds_alternative<ReplaceRules>(plan[fails]);
    const bool repairs = turn.actual.rules_foreign || !turn.actual.keys_foreign.empty();
    Tokens at_failure;
    for (std::size_t i = 0; i < plan.size(); ++i) {
      if (i == fails) at_failure = AllowedBy(turn.actual, Keys::kThatStand);
      if (i == fails || (i > fails && !OnlyTakes(plan[i], turn.actual))) continue;
      ApplyTo(plan[i], turn.actual, turn.assured);
    }
    RC_ASSERT(Within(AllowedBy(turn.actual), Union(had, Union(before, most))));
    if (!repairs) RC_ASSERT(Within(AllowedBy(turn.actual, Keys::kThatStand), at_failure));
    if (!failed_rules) {
      for (const Rule& rule : turn.actual.access.rules) {
        RC_ASSERT(std::find(turn.desired.access.rules.begin(), turn.desired.access.rules.end(), rule) !=
                  turn.desired.access.rules.end());
      }
    }
    for (const auto& [account, lines] : turn.actual.access.keys) {
      if (failed_keys != nullptr && failed_keys->account == account) continue;
      RC_ASSERT(turn.desired.access.keys.contains(account));
      const auto& wanted = turn.desired.access.keys.at(account);
      for (const KeyLine& line : lines) RC_ASSERT(std::find(wanted.begin(), wanted.end(), line) != wanted.end());
    }
    for (const Session& session : turn.actual.sessions) {
      const bool ends = std::any_of(plan.begin(), plan.end(), [&](const Action& action) {
        const auto* end = std::get_if<EndSession>(&action);
        return end != nullptr && *end == EndSession{session};
      });
      RC_ASSERT((!ends || plan[fails] == Action(EndSession{session})));
    }
  });
}

TEST(PlanLaw, TakesAllAwayBeforeItGives) {
  Law("before the first gift nothing is left that is not desired", [](Dice& dice) {
    Turn turn = RandomTurn(dice);
    const Tokens goal = AllowedBy(AppliedState(turn.desired, turn.now.utc), Keys::kThatStand);
    for (const Action& action : Plan(turn.desired, turn.actual, turn.assured)) {
      const auto* rules = std::get_if<ReplaceRules>(&action);
      const auto* keys = std::get_if<ReplaceKeys>(&action);
      if ((rules != nullptr && rules->gift) || (keys != nullptr && keys->gift)) {
        RC_ASSERT(Within(AllowedBy(turn.actual), goal));
      }
      ApplyTo(action, turn.actual, turn.assured);
    }
  });
}

TEST(PlanLaw, HeldBackAccountsGetNothingNew) {
  Law("while a removal fails, its account gets nothing that it did not have", [](Dice& dice) {
    Turn turn = RandomTurn(dice);
    const AccountName& held = dice.Pick(Accounts());
    turn.assured.held_back.insert(held);
    const auto only_held = [&](Actual host) {
      const auto uid = turn.facts.users.find(held);
      std::erase_if(host.access.rules,
                    [&](const Rule& rule) { return uid == turn.facts.users.end() || rule.uid != uid->second; });
      std::erase_if(host.access.keys, [&](const auto& entry) { return entry.first != held; });
      for (const AccountName& account : Accounts()) {
        if (account != held) host.managed.push_back(Gated{account, 1, Gate{true, true}});
      }
      return AllowedBy(host, Keys::kThatStand);
    };
    const Tokens before = only_held(turn.actual);
    for (int round = 0; round < 3; ++round) {
      for (const Action& action : Plan(turn.desired, turn.actual, turn.assured)) {
        ApplyTo(action, turn.actual, turn.assured);
        RC_ASSERT(Within(only_held(turn.actual), before));
      }
    }
  });
}

TEST(PlanLaw, NothingNewWithoutIntentAndCheck) {
  Law("what a plan writes anew was intended, and its rules checked, before the plan was made", [](Dice& dice) {
    Turn turn = RandomTurn(dice);
    const Assured given = turn.assured;
    const Access had = turn.actual.access;
    for (const Action& action : Plan(turn.desired, turn.actual, turn.assured)) {
      if (const auto* rules = std::get_if<ReplaceRules>(&action)) {
        for (const Rule& rule : rules->rules) {
          if (std::find(had.rules.begin(), had.rules.end(), rule) != had.rules.end()) continue;
          RC_ASSERT(given.intended.contains(rule.grant));
          RC_ASSERT(given.checked.has_value());
          RC_ASSERT(std::find(given.checked->begin(), given.checked->end(), rule) != given.checked->end());
        }
      }
      if (const auto* keys = std::get_if<ReplaceKeys>(&action)) {
        const auto old = had.keys.find(keys->account);
        for (const KeyLine& line : keys->lines) {
          const bool stood =
              old != had.keys.end() && std::find(old->second.begin(), old->second.end(), line) != old->second.end();
          RC_ASSERT(stood || given.intended.contains(line.grant));
        }
      }
    }
  });
}

TEST(PlanLaw, SessionsLiveOnlyUnderAGrantThatServesThem) {
  Law("after a plan each session has a live grant of its account and uid, and a deadline within it", [](Dice& dice) {
    Turn turn = RandomTurn(dice);
    const std::vector<Session> before = turn.actual.sessions;
    for (const Action& action : Plan(turn.desired, turn.actual, turn.assured))
      ApplyTo(action, turn.actual, turn.assured);
    for (const Session& session : turn.actual.sessions) {
      const auto grant = std::find_if(turn.desired.live.begin(), turn.desired.live.end(),
                                      [&](const Grant& one) { return one.id == session.grant; });
      RC_ASSERT(grant != turn.desired.live.end());
      RC_ASSERT(grant->uid == session.uid);
      RC_ASSERT(session.deadline <= grant->end);
      RC_ASSERT(session.deadline > turn.now.utc);
      RC_ASSERT((session.kind == SessionKind::kLogin ? grant->login.has_value() : grant->sudo.has_value()));
    }
    RC_ASSERT(turn.actual.sessions.size() <= before.size());
  });
}

TEST(PlanLaw, EndingOneOfOverlappingGrantsLeavesExactlyTheOthers) {
  Law("D10: what is left after an end is what would be there had the grant never been", [](Dice& dice) {
    Bundle bundle = RandomBundle(dice, 6);
    if (bundle.grants.empty()) return;
    HostFacts facts = RandomFacts(dice, bundle);
    const Now now = RandomNow(dice);
    const Grant ended = dice.Pick(bundle.grants);
    Actual actual = AppliedState(DesiredState(bundle, facts, now), now.utc);
    facts.ended.insert(ended.id);
    const Desired after = DesiredState(bundle, facts, now);
    std::erase_if(bundle.grants, [&](const Grant& grant) { return grant.id == ended.id; });
    RC_ASSERT(after.access == DesiredState(bundle, facts, now).access);
    Assured none;
    for (const Action& action : Plan(after, actual, none)) {
      const auto* keys = std::get_if<ReplaceKeys>(&action);
      RC_ASSERT(std::holds_alternative<ReplaceRules>(action) || (keys != nullptr && keys->account == ended.account));
      ApplyTo(action, actual, none);
    }
    RC_ASSERT(actual.access == after.access);
  });
}

}  // namespace
}  // namespace curfew::test
