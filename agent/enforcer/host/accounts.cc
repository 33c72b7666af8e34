// SPDX-License-Identifier: Apache-2.0
// Looked up on the worker: a directory service may take its time.
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

Result<std::optional<Uid>> UidOf(const AccountName& name) {
  auto uid = LookUpUser(name.Text());
  if (!uid) return Failure(uid.error());
  return *uid ? std::optional<Uid>(**uid) : std::nullopt;
}

}  // namespace

void Accounts::Seed(const std::vector<Gated>& managed) {
  for (const auto& account : managed) in_force_.facts.users.emplace(account.name, account.uid);
}

void Accounts::LookUpAll() { LookUp(NamesOf(in_force_.BundleOrNone())); }

void Accounts::LookUpNew() {
  std::set<AccountName> names = NamesOf(in_force_.BundleOrNone());
  std::erase_if(names, [&](const AccountName& name) { return asked_.contains(name); });
  if (!names.empty()) LookUp(std::move(names));
}

void Accounts::LookUp(std::set<AccountName> names) {
  asked_.insert(names.begin(), names.end());
  slow_.Ask(
      [names = std::move(names)] {
        std::vector<Answer> answers;
        answers.reserve(names.size());
        for (const auto& name : names) answers.push_back(Answer{name, UidOf(name)});
        return answers;
      },
      [this](const std::vector<Answer>& answers) { Take(answers); });
}

void Accounts::Take(const std::vector<Answer>& answers) {
  auto& users = in_force_.facts.users;
  for (const auto& [name, uid] : answers) {
    if (!uid) continue;
    in_force_.looked_up.insert(name);
    const bool may = *uid && in_force_.roles && MayHoldGrants(name, **uid, in_force_.roles->ceilings);
    users.erase(name);
    if (may) users.emplace(name, **uid);
  }
  answered_ = true;
  waker_.Wake();
}

}  // namespace curfew
