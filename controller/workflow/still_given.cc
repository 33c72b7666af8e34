// SPDX-License-Identifier: Apache-2.0
// The request as an ask once more, put to the policy in force.
#include "controller/workflow/still_given.h"

#include <algorithm>
#include <optional>

#include "controller/workflow/bundles.h"
#include "controller/workflow/ceilings.h"

namespace curfew {
namespace {

std::optional<Person> PersonNow(const Change& change, const PersonName& name) {
  const auto record = change.Keep().FindPerson(name);
  if (!record || record->disabled) return std::nullopt;
  return Person{record->name, record->groups};
}

std::vector<LoginKey> KeysNow(const Change& change, const RequestRecord& request) {
  const auto held = change.Keep().KeysOf(request.requester);
  std::vector<LoginKey> keys;
  std::copy_if(request.keys.begin(), request.keys.end(), std::back_inserter(keys), [&](const LoginKey& key) {
    return std::any_of(held.begin(), held.end(), [&](const KeyRecord& record) { return record.key == key; });
  });
  return keys;
}

/// What was given word for word, so that a rule which gives less, or something else, does not cover it.
Ask AskOf(const RequestRecord& request) {
  Ask ask;
  ask.rule = request.policy;
  ask.account = request.account;
  ask.login = request.login;
  ask.duration = request.duration;
  ask.sudo = NoSudo{};
  if (!request.sudo) return ask;
  ask.runas = request.sudo->runas;
  std::visit([&](const auto& commands) { ask.sudo = commands; }, request.sudo->commands);
  return ask;
}

/// Under the stages of now, with the yeses of those who are still approvers.
std::optional<std::string> WhyNotApproved(const Change& change, const RequestRecord& request, const std::vector<Stage>& stages) {
  std::vector<Person> people;
  for (const auto& decision : request.decisions) {
    if (auto person = PersonNow(change, decision.by)) people.push_back(*std::move(person));
  }
  const auto open = OpenStage(stages, StillCounting(stages, request.decisions, people));
  if (!open) return std::nullopt;
  std::string who;
  for (const auto& approver : stages[*open].who) who += (who.empty() ? "" : ", ") + Text(approver);
  return "its approvals are not enough any more: policy " + request.policy + " now asks for " + std::to_string(stages[*open].need) + " of " + who;
}

std::optional<std::string> WhyNot(const Change& change, const RequestRecord& request, const Person& person, const GrantRecord& wanted) {
  const auto host = change.Keep().FindHost(wanted.host);
  if (!host || host->removed) return "host " + wanted.host_name.Text() + " was removed";
  const Target target{host->name, host->labels};
  const Gate given{request.login, request.sudo.has_value()};
  if (const auto why = WhyUnguarded(change.InForce().policy, target, request.account, given)) return why->what;
  const auto matched = MatchPolicy(change.InForce().policy, person, {target}, AskOf(request));
  if (!matched) return "the policy no longer gives it: " + matched.error().what;
  if (matched->sudo != request.sudo) return "policy " + request.policy + " now gives another sudo right";
  if (auto why = WhyNotApproved(change, request, matched->approve)) return why;
  return WhyOverCeilings(change, wanted.host, GrantFor(change, request, wanted));
}

}  // namespace

StillGiven AskAgain(const Change& change, const RequestRecord& request, std::vector<GrantRecord> wanted) {
  StillGiven still{KeysNow(change, request), {}};
  const auto person = PersonNow(change, request.requester);
  for (auto& record : wanted) {
    std::optional<std::string> why;
    if (!person) {
      why = request.requester.Text() + " is disabled";
    } else if (request.login && still.keys.empty()) {
      why = "the ssh key it was asked with was removed meanwhile; hand one in (curfew key add FILE) and ask again";
    } else {
      why = WhyNot(change, request, *person, record);
    }
    if (why) {
      still.grants.emplace_back(NotGiven{std::move(record), *std::move(why)});
    } else {
      still.grants.emplace_back(Given(std::move(record)));
    }
  }
  return still;
}

}  // namespace curfew
