// SPDX-License-Identifier: Apache-2.0
// The policy in force, and turns of time.
#include "controller/workflow/workflow.h"

#include "controller/workflow/ceilings.h"
#include "controller/workflow/due.h"
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
  auto policy = Stored(ReadPolicy(record->text, "policy"));
  policy_ = {record->version, std::move(policy)};
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
        if (ManagedDiffer(change, host)) change.Reseal(host.id);
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

std::optional<Instant> Workflow::Turn(Instant now) {
  // The role table is read when a process starts, so once is enough.
  if (!within_ceilings_) {
    within_ceilings_ = Run(now, [](Change& change) -> Outcome<bool> {
                         KeepWithinCeilings(change);
                         return true;
                       }).has_value();
  }
  // A step may make the next thing due at once; a bound keeps one turn from holding everything else up.
  for (int round = 0; round < 16; ++round) {
    const auto next = store_.NextDue();
    if (!next || *next > now) return next;
    const auto done = Run(now, [](Change& change) -> Outcome<bool> { return DoWhatIsDue(change); });
    if (!done || !*done) break;
  }
  return store_.NextDue();
}

}  // namespace curfew
