// SPDX-License-Identifier: Apache-2.0
// The policy in force, and turns of time.
#include "controller/workflow/workflow.h"

#include "controller/workflow/ceilings.h"
#include "core/accept.h"
#include "core/policy_reader.h"

namespace curfew {
namespace {

Result<void> CheckAgainst(const Ceilings& ceilings, const Policy& policy, const std::string& file) {
  for (const auto& rule : policy.rules) {
    if (rule.longest <= ceilings.longest) continue;
    return Fail(Errc::kOutOfRange, "policy " + rule.name + " allows " + FormatDuration(rule.longest) + ", above the hosts' ceiling", file,
                "at most " + FormatDuration(ceilings.longest) + " until the root key raises it");
  }
  for (const auto& managed : policy.managed) {
    for (const auto& account : managed.accounts) {
      if (!IsProtected(account, ceilings)) continue;
      return Fail(Errc::kOutOfRange, "account " + account.Text() + " is protected by the hosts' ceilings", file, "leave it out of `managed`");
    }
  }
  return {};
}

}  // namespace

void Workflow::RefreshPolicy() {
  if (store_.PolicyVersion() == policy_.version) return;
  const auto record = store_.CurrentPolicy();
  if (!record) return;
  auto policy = ReadPolicy(record->text, "policy");
  // To end, to revoke and to seal must go on without it.
  policy_ = policy ? LoadedPolicy{record->version, *std::move(policy)} : LoadedPolicy{record->version, {}, policy.error().Text()};
}

Result<std::uint64_t> Workflow::LoadPolicy(std::string_view text, const std::string& file, const std::string& by, Instant now) {
  auto policy = ReadPolicy(text, file);
  if (!policy) return Failure(policy.error());
  if (auto fits = CheckAgainst(keys_.roles.ceilings, *policy, file); !fits) return Failure(fits.error());
  RefreshPolicy();
  const LoadedPolicy before = policy_;
  try {
    auto loaded = Run(now, [&](Change& change) -> Result<std::uint64_t> {
      const std::uint64_t version = store_.AddPolicy(text, now);
      policy_ = {version, std::move(*policy)};
      // For a host its bundle is what is desired; for the controller the policy is (INTERFACES: the kinds are closed).
      EventRecord event = OwnEvent(change, Word(EventKind::kBundleAccepted));
      event.actor = by;
      event.outcome = "ok";
      event.before = std::to_string(before.version);
      event.after = std::to_string(version);
      event.detail = "policy version " + event.after + " from " + file;
      change.Record(std::move(event));
      for (const auto& host : store_.Hosts()) {
        if (ManagedDiffer(change, host)) change.ResealWithMore(host.id);
      }
      return version;
    });
    if (!loaded) policy_ = before;
    return loaded;
  } catch (...) {
    policy_ = before;
    throw;
  }
}

void Workflow::WarnOfPolicy(Instant now) {
  if (policy_.unreadable.empty() || warned_of_policy_ == policy_.version) return;
  const auto warned = Run(now, [](Change& change) -> Outcome<bool> {
    const auto why = WhyNoPolicy(change.InForce());
    if (!why) return true;
    EventRecord event = OwnEvent(change, Word(EventKind::kReject), Severity::kAlarm);
    event.outcome = "unreadable";
    event.detail = "nothing can be asked for or approved: " + why->what;
    change.Record(std::move(event));
    return true;
  });
  if (warned) warned_of_policy_ = policy_.version;
}

template <class Thing, class Step, class Otherwise>
void Workflow::DoAll(const std::vector<Thing>& things, Instant now, Step step, Otherwise otherwise) {
  const auto run = [&](auto each) {
    static_cast<void>(Run(now, [&](Change& change) -> Outcome<bool> {
      each(change);
      return true;
    }));
  };
  try {
    return run([&](Change& change) {
      for (const auto& thing : things) step(change, thing);
    });
  } catch (const BadValue&) {  // of one of them; which one, shows below
  }
  for (const auto& thing : things) {
    try {
      run([&](Change& change) { step(change, thing); });
    } catch (const BadValue& bad) {
      const std::string why = bad.what();
      run([&](Change& change) { otherwise(change, thing, why); });
    }
  }
}

std::optional<Instant> Workflow::Turn(Instant now) {
  // The role table is read when a process starts, so once is enough.
  if (!within_ceilings_) {
    DoAll(store_.Hosts(), now, KeepWithinCeilings, [](Change& change, const HostRecord& host, const std::string& why) {
      NoteUnreadable(change, "host " + host.name.Text() + " cannot be brought under the ceilings of now", why);
    });
    within_ceilings_ = true;
  }
  WarnOfPolicy(now);
  // A step may make the next thing due at once; a bound keeps one turn from holding everything else up.
  for (int round = 0; round < 16; ++round) {
    const auto next = store_.NextDue();
    if (!next || *next > now) return next;
    DoAll(WhatIsDue(store_, now), now, DoDue, PutOff);
  }
  return store_.NextDue();
}

}  // namespace curfew
