// SPDX-License-Identifier: Apache-2.0
// The host of the simulation: observe, desire, plan, apply, with text files in place of a disk.
#include "tests/simulation/simulated_host.h"

#include <utility>

#include "core/authorized_keys.h"
#include "core/host_files.h"
#include "core/sudoers.h"

namespace curfew::simulation {

namespace {

/// More turns than any plan needs until its answers are in.
constexpr int kRounds = 4;

}  // namespace

Host::Host(HostId id, RoleTable roles, std::map<AccountName, Uid> users)
    : id_(id), roles_(std::move(roles)), users_(std::move(users)) {}

std::optional<Deny> Host::Offer(std::string_view sealed, const Now& now) {
  const Role* role = FindRole(roles_, Purpose::kBundle);
  if (role == nullptr) return Deny{Reason::kUnknownKey, {}};
  const Verdict<Verified> verified = Verify(sealed, Purpose::kBundle, *role);
  if (const Deny* deny = Denied(verified)) return *deny;
  const Standing standing{id_, mark_, roles_};
  const Verdict<Accepted> accepted = Accept(std::get<Verified>(verified), standing, now.utc);
  if (const Deny* deny = Denied(accepted)) return *deny;
  const auto& yes = std::get<Accepted>(accepted);
  mark_ = yes.Mark();
  bundle_ = yes.Value();
  for (const Tombstone& stone : bundle_.ended) ended_.insert(stone.grant);
  return std::nullopt;
}

void Host::Turn(const Now& now, std::size_t budget) {
  for (const Grant& grant : bundle_.grants) {
    if (grant.end <= now.utc) ended_.insert(grant.id);
  }
  for (int round = 0; round < kRounds; ++round) {
    const std::vector<Action> plan = Plan(Wanted(now), Observe(), Assured{intended_, checked_, {}});
    if (plan.empty()) return;
    std::vector<Action> asked;
    for (const Action& action : plan) {
      if (budget-- == 0) return;
      const bool slow = std::holds_alternative<Intend>(action) || std::holds_alternative<CheckRules>(action);
      if (slow) {
        asked.push_back(action);
      } else {
        Write(action);
      }
    }
    // Answers come one by one, in another order than asked, and the power may fail between them.
    for (auto answer = asked.rbegin(); answer != asked.rend(); ++answer) {
      if (budget-- == 0) return;
      Write(*answer);
    }
  }
}

void Host::LosePower() {
  rules_text_.clear();
  keys_text_.clear();
  checked_.reset();
}

Access Host::Readable() const { return Observe().access; }

Desired Host::Wanted(const Now& now) const { return DesiredState(bundle_, Facts(), now); }

HostFacts Host::Facts() const {
  HostFacts facts;
  facts.users = users_;
  facts.ended = ended_;
  return facts;
}

Actual Host::Observe() const {
  Actual actual;
  if (!rules_text_.empty()) {
    auto rules = ParseRules(rules_text_, SudoTraits{});
    actual.rules_foreign = !rules.has_value();
    if (rules) actual.access.rules = *std::move(rules);
  }
  for (const auto& [account, text] : keys_text_) {
    auto lines = ParseKeys(text);
    if (!lines) actual.keys_foreign.insert(account);
    if (lines && !lines->empty()) actual.access.keys.emplace(account, *std::move(lines));
  }
  if (auto managed = ParseManaged(managed_text_)) actual.managed = *std::move(managed);
  return actual;
}

void Host::Write(const Action& action) {
  if (const auto* rules = std::get_if<ReplaceRules>(&action)) rules_text_ = RenderRules(rules->rules, SudoTraits{});
  if (const auto* keys = std::get_if<ReplaceKeys>(&action)) keys_text_[keys->account] = RenderKeys(keys->lines);
  if (const auto* managed = std::get_if<ReplaceManaged>(&action)) managed_text_ = RenderManaged(managed->managed);
  if (const auto* intend = std::get_if<Intend>(&action)) intended_.insert(intend->grant);
  if (const auto* check = std::get_if<CheckRules>(&action)) checked_ = check->rules;
}

}  // namespace curfew::simulation
