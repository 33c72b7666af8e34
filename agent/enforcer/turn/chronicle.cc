// SPDX-License-Identifier: Apache-2.0
// A receipt is written when nothing of the grant is being ended any more; what could not be ended within five seconds is in
// it as a survivor.
#include "agent/enforcer/turn/chronicle.h"

#include "core/codec.h"
#include "os/machine.h"

namespace curfew {
namespace {

constexpr const char* kUnseen = "PAM did not ask for a while, and what sudo began then is not known";

// No process has pid 0: it stands for those that nobody can name. The list is as long as a reader takes.
void AddUnseen(std::vector<Survivor>& list) {
  if (list.size() == kMaxSurvivors) list.pop_back();
  Survivor unseen;
  unseen.command = kUnseen;
  list.push_back(std::move(unseen));
}

Event GrantEvent(const KnownGrant& known, Instant at, EventKind kind, Severity severity, const std::string& detail) {
  Event event = DraftEvent(at, kind, severity, detail);
  event.grant = known.id.Text();
  event.request = known.request;
  event.actor = known.actor;
  return event;
}

}  // namespace

bool HasRule(const GrantId& grant, const Actual& actual) {
  return std::any_of(actual.access.rules.begin(), actual.access.rules.end(),
                     [&](const Rule& rule) { return rule.grant == grant; });
}

bool HasKey(const GrantId& grant, const Actual& actual) {
  for (const auto& [account, lines] : actual.access.keys) {
    if (std::any_of(lines.begin(), lines.end(), [&](const KeyLine& line) { return line.grant == grant; })) return true;
  }
  return false;
}

bool IsServed(const Grant& grant, const Observation& seen) {
  const bool ruled = !grant.sudo || HasRule(grant.id, seen.actual);
  const bool keyed = !grant.login || grant.login->keys.empty() || HasKey(grant.id, seen.actual);
  return ruled && keyed && (!grant.login || !seen.unbound.contains(grant.account));
}

std::string Chronicle::CauseOf(const KnownGrant& known, const Now& now) const {
  const auto ended = in_force_.ended.find(known.id);
  if (ended != in_force_.ended.end() && !ended->second.cause.empty()) return ended->second.cause;
  if (in_force_.bundle) {
    for (const auto& tombstone : in_force_.bundle->ended) {
      if (tombstone.grant == known.id) return tombstone.cause;
    }
  }
  if (ended != in_force_.ended.end()) return {};
  if (EndHasCome(known.id, known.end, in_force_.facts, now)) return "expired";
  return in_force_.bundle && FindGrant(*in_force_.bundle, known.id) != nullptr ? "condition" : "revoked";
}

void Chronicle::NoteActive(KnownGrant& known, const Grant& grant, const Now& now) {
  known.reached = Reached::kActive;
  known.uid = grant.uid.value_or(0);
  aftermath_.RemoveTickets(known.account, known.uid);
  aftermath_.NoteActive(known.uid, now.boot);
  curfew::Record record;
  record.events.push_back(GrantEvent(known, now.utc, EventKind::kGrantActive, Severity::kInfo,
                                     "rule and keys are in place on account " + known.account.Text()));
  record.known.push_back(known);
  journal_.Keep(std::move(record));
}

void Chronicle::NoteFailed(KnownGrant& known, const std::string& outcome, const std::string& why, const Now& now) {
  known.reached = Reached::kFailed;
  curfew::Record record;
  record.events.push_back(GrantEvent(known, now.utc, EventKind::kGrantFailed, Severity::kAlarm, why));
  record.events.back().outcome = outcome;
  record.known.push_back(known);
  journal_.Keep(std::move(record));
}

void Chronicle::NoteRefused(const std::set<GrantId>& grants, const std::string& why) {
  for (const auto& id : grants) refused_[id] = why;
}

void Chronicle::NoteEnded(KnownGrant& known, const Now& now) {
  const std::string cause = CauseOf(known, now);
  known.reached = Reached::kEnded;
  known.ended = now.utc;
  const EndedGrant ended{known.id, std::max(known.end, now.utc) + kRemember, cause};
  End(in_force_, ended);
  curfew::Record record;
  record.known.push_back(known);
  record.ended.push_back(ended);
  journal_.Keep(std::move(record));
  if (!cause.empty()) SayEnded(known, cause);
}

void Chronicle::SayEnded(KnownGrant& known, const std::string& cause) {
  known.cause = cause;
  curfew::Record record;
  const auto denied = in_force_.over.find(known.id);
  const std::string why = denied == in_force_.over.end() ? "" : ", the ceilings deny it now: " + denied->second;
  record.events.push_back(GrantEvent(known, known.ended, EventKind::kGrantEnded, Severity::kInfo, "taken away: " + cause + why));
  record.events.back().outcome = cause;
  record.known.push_back(known);
  journal_.Keep(std::move(record));
}

void Chronicle::Prove(KnownGrant& known, const Observation& seen, const Now& now) {
  if (!in_force_.identity || !seen.readable) return;
  // No bundle came after the revocation that would say more.
  if (known.cause.empty()) SayEnded(known, "revoked");
  const Survivors survivors = aftermath_.SurvivorsOf(known.id);
  const bool unseen = unseen_.contains(known.id);
  Receipt receipt{in_force_.identity->host,         known.id, known.ended, now.utc, known.cause, !HasRule(known.id, seen.actual),
                  !HasKey(known.id, seen.actual), ListOf(survivors)};
  if (unseen) AddUnseen(receipt.survivors);
  auto sealed = Seal(Purpose::kReceipt, EncodeReceipt(receipt), *in_force_.identity->audit);
  if (!sealed) return alarms_.Raise("receipt", "the proof of " + known.id.Text() + "'s end cannot be signed: " + sealed.error().Text(), now.utc);
  alarms_.Clear("receipt", now.utc);
  known.reached = Reached::kProved;
  std::string left = survivors.empty() ? "nothing of the account's is left" : std::to_string(survivors.size()) + " processes outlived it";
  if (unseen) left.append(", as far as was seen: ").append(kUnseen);
  curfew::Record record;
  record.events.push_back(GrantEvent(known, now.utc, EventKind::kReceipt,
                                     receipt.survivors.empty() ? Severity::kInfo : Severity::kAlarm, left));
  record.events.back().attachment = *std::move(sealed);
  record.known.push_back(known);
  journal_.Keep(std::move(record));
  aftermath_.Forget(known.id);
  unseen_.erase(known.id);
}

void Chronicle::NoteUnseen() {
  for (const auto& [id, known] : in_force_.known) {
    if (known.sudo && known.reached == Reached::kActive) unseen_.insert(id);
  }
}

// Also an end of before a restart is looked after from its first look on.
bool Chronicle::IsLookedAfter(const KnownGrant& known) {
  if (known.uid == 0) return true;  // never in place here
  if (!aftermath_.HasBegun(known.id)) aftermath_.Begin(OverOf(known));
  return aftermath_.IsQuiet(known.id);
}

void Chronicle::ForgetOld(const Now& now) {
  curfew::Record record;
  for (const auto& [id, ended] : in_force_.ended) {
    if (ended.until >= now.utc || (in_force_.bundle && FindGrant(*in_force_.bundle, id) != nullptr)) continue;
    const auto known = in_force_.known.find(id);
    if (known == in_force_.known.end() || known->second.reached == Reached::kProved) record.forgotten.push_back(id);
  }
  if (record.forgotten.empty()) return;
  for (const auto& id : record.forgotten) {
    in_force_.ended.erase(id);
    in_force_.facts.ended.erase(id);
    in_force_.known.erase(id);
    refused_.erase(id);
  }
  journal_.Keep(std::move(record));
}

void Chronicle::Close(KnownGrant& known, const Desired& desired, const Observation& seen, const Now& now) {
  const bool timely = CauseOf(known, now) == "condition";
  const auto denied = in_force_.over.find(known.id);
  const bool over = denied != in_force_.over.end();
  if (timely && !over && !in_force_.looked_up.contains(known.account)) return;
  if (known.reached == Reached::kActive || !timely) {
    if (!HasRule(known.id, seen.actual) && !HasKey(known.id, seen.actual)) NoteEnded(known, now);
  } else if (known.reached == Reached::kIntended) {
    const std::string& name = known.account.Text();
    const bool here = in_force_.facts.users.contains(known.account);
    if (over) {
      NoteFailed(known, "over-ceiling", denied->second, now);
    } else if (here && !IsGatedFor(desired.managed, known.account, {known.login, known.sudo})) {
      NoteFailed(known, "not-gated", "account " + name + " is not managed here for all that the grant gives", now);
    } else {
      NoteFailed(known, "no-account", "account " + name + " does not exist here, or may hold no grant; see: id " + name, now);
    }
  }
}

void Chronicle::Record(const Desired& desired, const Observation& seen, const Now& now) {
  if (!seen.readable) return;
  for (auto& [id, known] : in_force_.known) {
    const Grant* live = FindGrant(desired.live, id);
    const Grant* named = live != nullptr ? live : FindGrant(desired.past, id);
    if (named != nullptr && !known.right) known.right = named->sudo;
    if (live != nullptr) {
      const auto refused = refused_.find(id);
      const bool served = IsServed(*live, seen);
      if (known.reached < Reached::kActive && served) NoteActive(known, *live, now);
      if (known.reached == Reached::kIntended && !served && refused != refused_.end()) NoteFailed(known, "refused", refused->second, now);
      continue;
    }
    if (known.reached < Reached::kEnded && !MayYetBeGiven(in_force_, known, now)) Close(known, desired, seen, now);
    if (known.reached == Reached::kEnded && known.cause.empty()) {
      if (const std::string cause = CauseOf(known, now); !cause.empty()) SayEnded(known, cause);
    }
    if (known.reached == Reached::kEnded && IsLookedAfter(known)) Prove(known, seen, now);
  }
  ForgetOld(now);
}

}  // namespace curfew
