// SPDX-License-Identifier: Apache-2.0
// Matching an ask against the policy's rules.
#include "core/policy.h"

#include <algorithm>
#include <map>

namespace curfew {
namespace {

/// How far a rule went before it refused; the furthest refusal is the one worth telling.
enum class Step : std::uint8_t { kWho, kHosts, kAccount, kWhat, kDuration, kFits };

struct Fit {
  Step step = Step::kFits;
  Error error;
  std::optional<Matched> matched;
};

Fit Refuse(Step step, std::string what, std::string hint, Errc code = Errc::kRefused) {
  return Fit{step, Error{code, std::move(what), "", std::move(hint)}, std::nullopt};
}

bool IsMeant(const PolicyRule& rule, const Person& person) {
  return rule.people.contains(person.name) ||
         std::any_of(person.groups.begin(), person.groups.end(), [&](const auto& g) { return rule.groups.contains(g); });
}

std::optional<AccountName> AccountOf(const PolicyRule& rule, const Person& person) {
  if (const auto* fixed = std::get_if<AccountName>(&rule.account)) return *fixed;
  auto own = AccountName::Parse(person.name.Text());
  if (!own) return std::nullopt;
  return *own;
}

std::optional<Fit> RefuseAccount(const PolicyRule& rule, const std::optional<AccountName>& account, const Ask& ask) {
  if (!account) return Refuse(Step::kAccount, "your name cannot be a Unix account, so `account: self` gives you none", "");
  if (ask.account && *ask.account != *account) {
    return Refuse(Step::kAccount, "policy " + rule.name + " does not give the account " + ask.account->Text(),
                  "it gives " + account->Text());
  }
  return std::nullopt;
}

/// The sudo right that is asked for within the rule's; the outer nullopt means refused.
std::optional<std::optional<SudoRight>> NarrowSudo(const PolicyRule& rule, const Ask& ask) {
  if (std::holds_alternative<NoSudo>(ask.sudo)) return std::optional<SudoRight>();
  if (!rule.sudo) {
    if (std::holds_alternative<AsAllowed>(ask.sudo)) return std::optional<SudoRight>();
    return std::nullopt;
  }
  if (ask.runas && *ask.runas != rule.sudo->runas) return std::nullopt;
  if (std::holds_alternative<AsAllowed>(ask.sudo)) return rule.sudo;
  const auto* listed = std::get_if<std::vector<Command>>(&rule.sudo->commands);
  SudoRight right = *rule.sudo;
  if (std::holds_alternative<AllCommands>(ask.sudo)) {
    if (listed != nullptr) return std::nullopt;
    return right;
  }
  const auto& asked = std::get<std::vector<Command>>(ask.sudo);
  const auto allows = [&](const Command& command) { return std::find(listed->begin(), listed->end(), command) != listed->end(); };
  if (listed != nullptr && !std::all_of(asked.begin(), asked.end(), allows)) return std::nullopt;
  right.commands = asked;
  return right;
}

Fit Try(const PolicyRule& rule, const Person& person, const std::vector<Target>& targets, const Ask& ask) {
  if (!IsMeant(rule, person)) {
    return Refuse(Step::kWho, "no policy lets you ask for this", "ask who keeps the policy to add you or your group");
  }
  for (const auto& target : targets) {
    if (rule.hosts.Matches(target.name, target.labels)) continue;
    return Refuse(Step::kHosts, "policy " + rule.name + " does not cover host " + target.name.Text(),
                  "it covers hosts with " + rule.hosts.Text());
  }
  const auto account = AccountOf(rule, person);
  if (auto refused = RefuseAccount(rule, account, ask)) return *refused;
  const bool login = ask.login.value_or(rule.login);
  if (login && !rule.login) return Refuse(Step::kWhat, "policy " + rule.name + " does not allow login", "");
  const auto sudo = NarrowSudo(rule, ask);
  if (!sudo) {
    return Refuse(Step::kWhat, "policy " + rule.name + " does not allow that sudo right",
                  "ask without naming commands to get what it allows");
  }
  if (!login && !*sudo) return Refuse(Step::kWhat, "nothing is left to grant: neither login nor sudo", "");
  const Seconds duration = ask.duration.value_or(rule.standard);
  if (duration > rule.longest) {
    return Refuse(Step::kDuration, FormatDuration(duration) + " is longer than policy " + rule.name + " allows",
                  "ask for at most " + FormatDuration(rule.longest), Errc::kOutOfRange);
  }
  return Fit{Step::kFits, {}, Matched{rule.name, *account, login, *sudo, duration, rule.approve}};
}

}  // namespace

Result<Approver> ParseApprover(std::string_view text) {
  constexpr std::string_view kGroup = "group:";
  const bool group = text.starts_with(kGroup);
  auto name = PersonName::Parse(group ? text.substr(kGroup.size()) : text);
  if (!name) return Failure(name.error());
  return Approver{group, std::move(*name)};
}

std::string Text(const Approver& approver) { return (approver.group ? "group:" : "") + approver.name.Text(); }

Result<Matched> MatchPolicy(const Policy& policy, const Person& person, const std::vector<Target>& targets,
                            const Ask& ask) {
  std::optional<Fit> best;
  for (const auto& rule : policy.rules) {
    if (ask.rule && rule.name != *ask.rule) continue;
    Fit fit = Try(rule, person, targets, ask);
    if (fit.matched) return *std::move(fit.matched);
    if (!best || fit.step > best->step) best = std::move(fit);
  }
  if (best) return Failure(std::move(best->error));
  if (ask.rule) return Fail(Errc::kNotFound, "there is no policy '" + Escaped(*ask.rule) + "'", "",
                            "its names stand in the policy's file; without one the first that covers what you ask is taken");
  return Fail(Errc::kRefused, "the policy has no rules", "", "load one with `curfew-controller policy load`");
}

std::vector<ManagedAccount> ManagedOn(const Policy& policy, const Target& target) {
  std::map<AccountName, Gate> gates;
  for (const auto& rule : policy.managed) {
    if (!rule.hosts.Matches(target.name, target.labels)) continue;
    for (const auto& account : rule.accounts) {
      Gate& gate = gates[account];
      gate.login = gate.login || rule.gate.login;
      gate.sudo = gate.sudo || rule.gate.sudo;
    }
  }
  std::vector<ManagedAccount> managed;
  managed.reserve(gates.size());
  for (const auto& [name, gate] : gates) managed.push_back({name, gate});
  return managed;
}

std::optional<Error> WhyUnguarded(const Policy& policy, const Target& target, const AccountName& account, Gate given) {
  const auto managed = ManagedOn(policy, target);
  const auto found = std::find_if(managed.begin(), managed.end(), [&](const auto& m) { return m.name == account; });
  if (found == managed.end()) {
    return Error{Errc::kRefused, "account " + account.Text() + " is not managed on " + target.name.Text(), "",
                 "the policy's `managed` must name it for that host"};
  }
  const bool without_login = given.login && !found->gate.login;
  if (!without_login && (!given.sudo || found->gate.sudo)) return std::nullopt;
  const std::string what = without_login ? "login" : "sudo";
  return Error{Errc::kRefused, "account " + account.Text() + " is not gated for " + what + " on " + target.name.Text(), "",
               "the policy's `managed` must have " + what + " in its gate for that host"};
}

}  // namespace curfew
