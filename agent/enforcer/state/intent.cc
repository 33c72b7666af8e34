// SPDX-License-Identifier: Apache-2.0
// The words hold names and times only; what a person wrote stays in the bundle.
#include "agent/enforcer/state/intent.h"

#include <algorithm>

#include "agent/enforcer/state/journal.h"

namespace curfew {
namespace {

KnownGrant KnownOf(const Grant& grant) {
  return KnownGrant{grant.id,
                    grant.account,
                    grant.uid.value_or(0),
                    grant.login.has_value(),
                    grant.sudo.has_value(),
                    grant.request.Text(),
                    grant.principal.Text(),
                    grant.end,
                    Reached::kIntended,
                    Instant{},
                    {}};
}

bool IsOver(const InForce& in_force, const Bundle& bundle, const Grant& grant, const Now& now) {
  const auto is_this = [&](const Tombstone& tombstone) { return tombstone.grant == grant.id; };
  return EndHasCome(grant.id, grant.end, in_force.facts, now) || in_force.facts.ended.contains(grant.id) ||
         std::any_of(bundle.ended.begin(), bundle.ended.end(), is_this);
}

}  // namespace

std::string WordsFor(const Grant& grant) {
  return WhatText(grant) + " on account " + grant.account.Text() + " until " + Rfc3339(grant.end);
}

NotIntended FindNotIntended(const InForce& in_force, const Bundle& bundle, const TimeMark& time, const Now& now) {
  NotIntended found;
  const Instant latest = LatestTime(time, now);
  for (const Grant& grant : bundle.grants) {
    if (in_force.known.contains(grant.id) || IsOver(in_force, bundle, grant, now)) continue;
    (latest < grant.activate_by ? found.timely : found.late).push_back(grant.id);
  }
  return found;
}

void AddLate(Record& record, const Bundle& bundle, const std::vector<GrantId>& grants, Instant now) {
  for (const GrantId& id : grants) {
    const Grant* grant = FindGrant(bundle, id);
    if (grant == nullptr) continue;
    Event event = DraftEvent(now, EventKind::kGrantFailed, Severity::kAlarm,
                             "it came too late to begin, which had to be before " + Rfc3339(grant->activate_by) + "; ask again");
    event.grant = id.Text();
    event.request = grant->request.Text();
    event.actor = grant->principal.Text();
    event.outcome = "late";
    record.events.push_back(std::move(event));
    record.ended.push_back(EndedGrant{id, grant->end + kRemember, "failed"});
  }
}

void AddIntents(Record& record, const Bundle& bundle, const std::vector<GrantId>& grants, Instant now) {
  const std::set<GrantId> wanted(grants.begin(), grants.end());
  for (const Grant& grant : bundle.grants) {
    if (!wanted.contains(grant.id)) continue;
    Event event = DraftEvent(now, EventKind::kGrantIntent, Severity::kInfo, WordsFor(grant));
    event.grant = grant.id.Text();
    event.request = grant.request.Text();
    event.actor = grant.principal.Text();
    event.version = bundle.version;
    record.events.push_back(std::move(event));
    record.known.push_back(KnownOf(grant));
  }
}

void RememberIntents(InForce& in_force, const std::vector<GrantId>& grants) {
  if (!in_force.bundle) return;
  const std::set<GrantId> wanted(grants.begin(), grants.end());
  for (const Grant& grant : in_force.bundle->grants) {
    if (wanted.contains(grant.id)) in_force.known.emplace(grant.id, KnownOf(grant));
  }
}

}  // namespace curfew
