// SPDX-License-Identifier: Apache-2.0
// A new request: everything that would make a host refuse it later is refused here, with the reason.
#include <algorithm>

#include "controller/workflow/grants.h"
#include "controller/workflow/requests.h"
#include "core/accept.h"
#include "core/sudoers.h"

namespace curfew {
namespace {

constexpr std::size_t kMostHosts = 100;
constexpr std::size_t kMostKeys = 20;
constexpr std::int64_t kMostPending = 100;

Refusal KindOf(Errc code) {
  switch (code) {
    case Errc::kMalformed: return Refusal::kMalformed;
    case Errc::kNotFound: return Refusal::kNotFound;
    case Errc::kConflict: return Refusal::kConflict;
    default: return Refusal::kDeniedByPolicy;
  }
}

Outcome<std::vector<HostRecord>> HostsNamed(Store& store, const std::vector<HostName>& names) {
  std::vector<HostRecord> hosts;
  for (const auto& name : names) {
    auto host = store.FindHostNamed(name);
    if (!host) return Refuse(Refusal::kNotFound, "there is no host " + name.Text(), "`curfew hosts` lists them");
    const bool twice = std::any_of(hosts.begin(), hosts.end(), [&](const auto& h) { return h.id == host->id; });
    if (!twice) hosts.push_back(std::move(*host));
  }
  return hosts;
}

Outcome<std::vector<HostRecord>> HostsFor(Store& store, const Submission& submission) {
  if (const auto* names = std::get_if<std::vector<HostName>>(&submission.hosts)) return HostsNamed(store, *names);
  const auto& expression = std::get<HostExpression>(submission.hosts);
  std::vector<HostRecord> hosts;
  for (auto& host : store.Hosts()) {
    if (expression.Matches(host.name, host.labels)) hosts.push_back(std::move(host));
  }
  if (hosts.empty()) return Refuse(Refusal::kNotFound, "no host has " + expression.Text(), "`curfew hosts` lists them with their labels");
  return hosts;
}

std::optional<Refused> CheckGuarded(const Policy& policy, const std::vector<HostRecord>& hosts, const Matched& matched) {
  for (const auto& host : hosts) {
    const auto why = WhyUnguarded(policy, Target{host.name, host.labels}, matched.account,
                                  Gate{matched.login, matched.sudo.has_value()});
    if (why) return Refused{Refusal::kUnusable, why->what, why->hint};
  }
  return std::nullopt;
}

// DESIGN §3: hosts refuse a whole bundle for one grant above the root-signed ceilings, so none may get into one.
std::optional<Refused> CheckCeilings(const Ceilings& ceilings, const Matched& matched) {
  const std::string hint = "only the root key can raise the ceilings";
  if (matched.duration > ceilings.longest) {
    return Refused{Refusal::kUnusable, "longer than the hosts' ceiling of " + FormatDuration(ceilings.longest), hint};
  }
  const bool everything = matched.sudo && std::holds_alternative<AllCommands>(matched.sudo->commands) &&
                          matched.sudo->runas.Text() == "root";
  if (everything && !ceilings.full_root) return Refused{Refusal::kUnusable, "the hosts' ceilings allow no full root", hint};
  const auto needed = std::max(ceilings.approvals, everything ? ceilings.full_root_approvals : 0U);
  if (needed > 0) {
    return Refused{Refusal::kUnusable, "the hosts' ceilings ask for approvers' own signatures, which this version cannot collect", hint};
  }
  if (IsProtected(matched.account, ceilings)) {
    return Refused{Refusal::kUnusable, "account " + matched.account.Text() + " is protected by the hosts' ceilings", hint};
  }
  return std::nullopt;
}

std::optional<Refused> CheckFormat(const std::vector<HostRecord>& hosts) {
  for (const auto& host : hosts) {
    if (host.facts.format == 0 || host.facts.format >= kFormat) continue;
    return Refused{Refusal::kUnusable, "the agent on " + host.name.Text() + " is too old to read this", "upgrade curfew-agent there"};
  }
  return std::nullopt;
}

std::optional<Refused> CheckGrantable(const Change& change, const std::vector<HostRecord>& hosts, const Matched& matched) {
  if (auto refused = CheckGuarded(change.InForce().policy, hosts, matched)) return refused;
  if (auto refused = CheckCeilings(change.Keys().roles.ceilings, matched)) return refused;
  if (matched.sudo) {
    if (const auto why = WhyNotExact(*matched.sudo)) return Refused{Refusal::kUnusable, why->Text(), ""};
  }
  return CheckFormat(hosts);
}

Outcome<std::vector<LoginKey>> KeysFor(Store& store, const Person& person, const Submission& submission, bool login) {
  std::vector<LoginKey> keys;
  if (!login) return keys;
  for (auto& record : store.KeysOf(person.name)) {
    if (submission.key && record.key != *submission.key) continue;
    if (keys.size() < kMostKeys) keys.push_back(std::move(record.key));
  }
  if (!keys.empty()) return keys;
  if (submission.key) return Refuse(Refusal::kUnusable, "that key is not one of yours", "hand it in first: curfew key add FILE");
  return Refuse(Refusal::kUnusable, "you have handed in no ssh key to log in with", "curfew key add ~/.ssh/id_ed25519.pub");
}

std::vector<Target> TargetsOf(const std::vector<HostRecord>& hosts) {
  std::vector<Target> targets;
  targets.reserve(hosts.size());
  for (const auto& host : hosts) targets.push_back({host.name, host.labels});
  return targets;
}

/// A request is live, and in its hosts' bundles, until its last end is proved; what its host never proves counts to its own end.
std::optional<Refused> CheckShare(const Change& change, const PersonName& person) {
  constexpr std::int64_t kMostLooked = 10000;
  std::int64_t live = 0;
  for (const auto& placed : change.Keep().Requests({RequestScope::kLive, person, 0, kMostLooked})) {
    const auto grants = change.Keep().GrantsOf(placed.request.id);
    if (std::ranges::any_of(grants, [&](const GrantRecord& grant) { return grant.end > change.At(); })) ++live;
  }
  if (live < change.Settings().live_requests) return std::nullopt;
  return Refused{Refusal::kUnusable, "you have " + std::to_string(live) + " requests live already, as many as one person may",
                 "give some back: curfew return ID (`curfew ls --live` lists them)"};
}

RequestRecord Born(const Change& change, const Person& person, const Submission& submission, Matched matched,
                   const std::vector<HostRecord>& hosts, std::vector<LoginKey> keys) {
  RequestRecord request{Stored(RequestId::Parse(NewId("r-"))), RequestState::kSubmitted, person.name, matched.account};
  for (const auto& host : hosts) {
    request.hosts.push_back(host.id);
    request.host_names.push_back(host.name);
  }
  request.login = matched.login;
  request.sudo = std::move(matched.sudo);
  request.keys = std::move(keys);
  request.duration = matched.duration;
  request.reason = submission.reason;
  request.ticket = submission.ticket;
  request.policy = matched.rule;
  request.policy_version = change.InForce().version;
  request.stages = std::move(matched.approve);
  request.created = change.At();
  return request;
}

/// From submitted to where it waits: for its approvers, or, where nobody is asked, for its hosts.
Outcome<void> Begin(Change& change, RequestRecord& request) {
  const std::string by = request.requester.Text();
  if (auto moved = change.Move(request, RequestState::kSubmitted, by, request.reason); !moved) return moved;
  if (const auto complete = AllApproved(request)) {
    if (auto moved = change.Move(request, RequestState::kApproved, "policy"); !moved) return moved;
    return Provision(change, request, *complete, "policy");
  }
  request.due = change.At() + change.Settings().pending_for;
  return change.Move(request, RequestState::kPending, by);
}

}  // namespace

Outcome<RequestRecord> Submit(Change& change, const Person& person, const Submission& submission) {
  if (auto refused = WhyNoPolicy(change.InForce())) return tl::unexpected(std::move(*refused));
  auto hosts = HostsFor(change.Keep(), submission);
  if (!hosts) return tl::unexpected(hosts.error());
  if (hosts->size() > kMostHosts) return Refuse(Refusal::kUnusable, "more than 100 hosts in one request", "ask for fewer at once");
  auto matched = MatchPolicy(change.InForce().policy, person, TargetsOf(*hosts), submission.ask);
  if (!matched) return Refuse(KindOf(matched.error().code), matched.error().what, matched.error().hint);
  if (auto refused = CheckGrantable(change, *hosts, *matched)) return tl::unexpected(std::move(*refused));
  auto keys = KeysFor(change.Keep(), person, submission, matched->login);
  if (!keys) return tl::unexpected(keys.error());
  if (change.Keep().Requests({RequestScope::kPending, person.name, 0, kMostPending}).size() >= kMostPending) {
    return Refuse(Refusal::kUnusable, "you have 100 requests waiting already", "withdraw some: curfew withdraw ID");
  }
  if (auto refused = CheckShare(change, person.name)) return tl::unexpected(std::move(*refused));

  RequestRecord request = Born(change, person, submission, std::move(*matched), *hosts, std::move(*keys));
  change.Keep().AddRequest(request);
  const auto begun = Begin(change, request);
  if (!begun) return tl::unexpected(begun.error());
  return request;
}

}  // namespace curfew
