// SPDX-License-Identifier: Apache-2.0
// Looked up on the worker: a directory service may take its time, and says "no such user" while it starts.
#include "agent/enforcer/host/accounts.h"

#include "os/users.h"

namespace curfew {
namespace {

std::set<AccountName> NamesOf(const Bundle& bundle) {
  std::set<AccountName> names;
  for (const auto& account : bundle.managed) names.insert(account.name);
  for (const auto& grant : bundle.grants) names.insert(grant.account);
  return names;
}

}  // namespace

void Accounts::Seed(const std::vector<Gated>& managed) {
  auto& users = in_force_.facts.users;
  for (const auto& [id, known] : in_force_.known) {
    if (known.reached == Reached::kActive && known.uid != 0) users.emplace(known.account, known.uid);
  }
  for (const auto& account : managed) {
    if (account.uid != kNoUid) users.emplace(account.name, account.uid);
  }
}

void Accounts::LookUpAll() { LookUp(NamesOf(in_force_.BundleOrNone())); }

void Accounts::LookUpMissing() {
  if (!in_force_.bundle) return;
  std::set<AccountName> names = NamesOf(*in_force_.bundle);
  ForgetOthers(names);
  std::erase_if(names, [&](const AccountName& name) { return found_.contains(name) || asking_.contains(name); });
  if (!names.empty()) LookUp(std::move(names));
}

Accounts::Answer Accounts::Ask(const Question& question) {
  auto uid = LookUpUser(question.name.Text());
  if (!uid) return Answer{question.name, Failure(uid.error())};
  if (*uid) return Answer{question.name, std::optional<Uid>(**uid)};
  // A rule names the uid: whoever has it now must not have the rule.
  const auto heir = question.known ? LookUpNameOf(*question.known) : Result<std::optional<std::string>>();
  return Answer{question.name, std::optional<Uid>(), heir && *heir && **heir != question.name.Text()};
}

void Accounts::LookUp(std::set<AccountName> names) {
  std::vector<Question> questions;
  for (const auto& name : names) {
    const auto known = in_force_.facts.users.find(name);
    questions.push_back(Question{name, known == in_force_.facts.users.end() ? std::nullopt : std::optional<Uid>(known->second)});
  }
  asking_.merge(names);
  slow_.Ask(
      [questions = std::move(questions)] {
        std::vector<Answer> answers;
        answers.reserve(questions.size());
        for (const auto& question : questions) answers.push_back(Ask(question));
        return answers;
      },
      [this](const std::vector<Answer>& answers) { Take(answers); });
}

void Accounts::Take(const std::vector<Answer>& answers) {
  const std::set<AccountName> wanted = NamesOf(in_force_.BundleOrNone());
  for (const auto& [name, uid, passed_on] : answers) {
    asking_.erase(name);
    found_.erase(name);
    if (!uid || !wanted.contains(name)) continue;
    in_force_.looked_up.insert(name);
    if (*uid) Know(name, **uid);
    if (passed_on) in_force_.facts.users.erase(name);
    if (in_force_.roles && IsProtected(name, in_force_.roles->ceilings)) in_force_.facts.barred.insert(name);
  }
  waker_.Wake();
}

// A bundle that names an account again starts anew with it: its last uid is nobody's memory.
void Accounts::ForgetOthers(const std::set<AccountName>& names) {
  const auto is_other = [&](const AccountName& name) { return !names.contains(name); };
  std::erase_if(in_force_.facts.users, [&](const auto& user) { return is_other(user.first); });
  std::erase_if(in_force_.facts.barred, is_other);
  std::erase_if(found_, is_other);
}

void Accounts::Know(const AccountName& name, Uid uid) {
  found_.insert(name);
  auto& users = in_force_.facts.users;
  auto& barred = in_force_.facts.barred;
  users.erase(name);
  barred.erase(name);
  if (!in_force_.roles) return;
  if (MayHoldGrants(name, uid, in_force_.roles->ceilings)) {
    users.emplace(name, uid);
  } else {
    barred.insert(name);
  }
  EndMoved(name, uid);
}

// Given to the account under another uid: that is not whom it was given to.
void Accounts::EndMoved(const AccountName& name, Uid uid) {
  for (const auto& [id, known] : in_force_.known) {
    const bool moved = known.account == name && known.reached == Reached::kActive && known.uid != 0 && known.uid != uid;
    if (moved) End(in_force_, EndedGrant{id, known.end + kRemember, "condition"});
  }
}

}  // namespace curfew
