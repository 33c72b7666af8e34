// SPDX-License-Identifier: Apache-2.0
// A question against the live grants. What is not found is denied.
#include "core/decide.h"

#include <algorithm>

#include "core/session_plan.h"

namespace curfew {
namespace {

bool CoversQuestion(const Grant& grant, const Question& question) {
  if (grant.account != question.account) return false;
  if (IsSudo(question.service)) return grant.sudo.has_value();
  if (!grant.login) return false;
  const auto& keys = grant.login->keys;
  if (!question.key) return !keys.empty();
  return std::find(keys.begin(), keys.end(), *question.key) != keys.end();
}

bool IsGated(const Question& question, const Desired& desired) {
  const auto gated = std::lower_bound(desired.managed.begin(), desired.managed.end(), question.account,
                                      [](const Gated& one, const AccountName& name) { return one.name < name; });
  if (gated == desired.managed.end() || gated->name != question.account) return false;
  return IsSudo(question.service) ? gated->gate.sudo : gated->gate.login;
}

}  // namespace

Verdict<Allowed> Decide(const Question& question, const Desired& desired) {
  if (!IsGated(question, desired)) {
    return Deny{Reason::kNotGated, "account " + question.account.Text() + " is not gated for this service"};
  }
  std::vector<const Grant*> fitting;
  for (const Grant& grant : desired.live) {
    if (CoversQuestion(grant, question)) fitting.push_back(&grant);
  }
  const Grant* grant = LastsUnder(fitting, IsSudo(question.service) ? SessionKind::kSudo : SessionKind::kLogin);
  if (grant == nullptr) return Deny{Reason::kNoGrant, "no live grant of account " + question.account.Text()};
  return Allowed(*grant);
}

bool MaySudo(Uid uid, const SudoRight* ended, const Desired& desired) {
  return std::any_of(desired.live.begin(), desired.live.end(), [&](const Grant& grant) {
    return grant.uid == uid && grant.sudo && (ended == nullptr || Covers(*grant.sudo, *ended));
  });
}

bool MayBeIn(Uid uid, const Desired& desired) {
  const bool gated = std::any_of(desired.managed.begin(), desired.managed.end(),
                                 [&](const Gated& account) { return account.uid == uid && account.gate.login; });
  return !gated || std::any_of(desired.live.begin(), desired.live.end(),
                               [&](const Grant& grant) { return grant.uid == uid && grant.login; });
}

std::string RequestLine(const AccountName& account, const HostName& host) {
  return "curfew request " + host.Text() + " --as " + account.Text() + " --for 1h --reason \"...\"";
}

std::string RefusalLine(const AccountName& account, Service service, const HostName& host) {
  const std::string what = IsSudo(service) ? "sudo" : "login";
  return "curfew: " + account.Text() + " has no live " + what +
         " grant on this host. Ask for one with: " + RequestLine(account, host);
}

std::string SpellingLine(const AccountName& account) {
  return "curfew: this name reads as " + account.Text() + ", whom Curfew manages on this host. Log in as " + account.Text() +
         ", or ask an administrator for an account whose name differs by more than case and domain";
}

std::string WelcomeLine(const Allowed& allowed) {
  const Grant& grant = allowed.Under();
  return "curfew: " + grant.account.Text() + " has " + WhatText(grant) + " until " + Rfc3339(grant.end) +
         ". Give it back with: curfew return " + grant.request.Text();
}

}  // namespace curfew
