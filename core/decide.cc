// SPDX-License-Identifier: Apache-2.0
// A question against the live grants. What is not found is denied.
#include "core/decide.h"

#include <algorithm>

namespace curfew {
namespace {

bool AsksForSudo(Service service) { return service == Service::kSudo || service == Service::kSudoI; }

bool CoversQuestion(const Grant& grant, const Question& question) {
  if (grant.account != question.account) return false;
  if (AsksForSudo(question.service)) return grant.sudo.has_value();
  if (!grant.login) return false;
  const auto& keys = grant.login->keys;
  if (!question.key) return !keys.empty();
  return std::find(keys.begin(), keys.end(), *question.key) != keys.end();
}

bool IsGated(const Question& question, const Desired& desired) {
  const auto gated = std::lower_bound(desired.managed.begin(), desired.managed.end(), question.account,
                                      [](const Gated& one, const AccountName& name) { return one.name < name; });
  if (gated == desired.managed.end() || gated->name != question.account) return false;
  return AsksForSudo(question.service) ? gated->gate.sudo : gated->gate.login;
}

std::string SudoText(const SudoRight& right) {
  const auto* commands = std::get_if<std::vector<Command>>(&right.commands);
  const std::string what = commands == nullptr     ? "every command"
                           : commands->size() == 1 ? "1 command"
                                                   : std::to_string(commands->size()) + " commands";
  return "sudo for " + what + (right.runas.Text() == "root" ? "" : " as " + right.runas.Text());
}

std::string WhatText(const Grant& grant) {
  std::string text = grant.login ? "login" : "";
  if (grant.sudo) text += (text.empty() ? "" : " and ") + SudoText(*grant.sudo);
  return text;
}

}  // namespace

Verdict<Allowed> Decide(const Question& question, const Desired& desired) {
  if (!IsGated(question, desired)) {
    return Deny{Reason::kNotAllowedPeer, "account " + question.account.Text() + " is not gated for this service"};
  }
  const Grant* best = nullptr;
  for (const Grant& grant : desired.live) {
    if (CoversQuestion(grant, question) && (best == nullptr || best->end < grant.end)) best = &grant;
  }
  if (best == nullptr) return Deny{Reason::kNoGrant, "no live grant of account " + question.account.Text()};
  return Allowed{best->id, best->principal, best->end};
}

std::string RequestLine(const AccountName& account, const HostName& host) {
  return "curfew request " + host.Text() + " --as " + account.Text() + " --for 1h --reason \"...\"";
}

std::string RefusalLine(const AccountName& account, Service service, const HostName& host) {
  const std::string what = AsksForSudo(service) ? "sudo" : "login";
  return "curfew: " + account.Text() + " has no live " + what +
         " grant on this host. Ask for one with: " + RequestLine(account, host);
}

std::string WelcomeLine(const Allowed& allowed, const Desired& desired) {
  const auto grant = std::lower_bound(desired.live.begin(), desired.live.end(), allowed.grant,
                                      [](const Grant& one, const GrantId& id) { return one.id < id; });
  if (grant == desired.live.end() || grant->id != allowed.grant) return {};
  return "curfew: " + grant->account.Text() + " has " + WhatText(*grant) + " until " + Rfc3339(allowed.until) +
         ". Give it back with: curfew return " + grant->request.Text();
}

}  // namespace curfew
