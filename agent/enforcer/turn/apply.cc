// SPDX-License-Identifier: Apache-2.0
// Each action of a plan, done where it belongs.
#include "agent/enforcer/turn/apply.h"

#include "agent/enforcer/turn/chronicle.h"
#include "agent/enforcer/turn/put_file.h"
#include "agent/enforcer/state/intent.h"
#include "core/authorized_keys.h"
#include "core/host_files.h"
#include "os/machine.h"

namespace curfew {
namespace {

constexpr const char* kAboutRules = "rules";
constexpr const char* kAboutCheck = "rules-check";

std::set<AccountName> EveryAccount(const InForce& in_force) {
  std::set<AccountName> accounts;
  for (const auto& [name, uid] : in_force.facts.users) accounts.insert(name);
  return accounts;
}

}  // namespace

void Applier::Begin() {
  failed_ = false;
  const bool other_judges = parts_.check.Renew();
  if (!other_judges && checked_for_ == parts_.in_force.mark) return;
  checked_for_ = parts_.in_force.mark;
  assured_.refused.clear();
  assured_.one_by_one = false;
  failed_check_.clear();
  if (other_judges) assured_.checked.reset();
}

Applier::Applied Applier::Apply(const Action& action, const Observation& seen, Instant now) {
  return std::visit([&](const auto& one) { return Do(one, seen, now); }, action);
}

Applier::Applied Applier::Settle(const Result<void>& done, const std::string& about, const std::set<AccountName>& accounts,
                                 bool gift, Instant now) {
  if (done) {
    parts_.alarms.Clear(about, now);
    if (!gift) {
      for (const auto& account : accounts) assured_.held_back.erase(account);
    }
    return Applied::kChanged;
  }
  failed_ = true;
  parts_.alarms.Raise(about, done.error().Text(), now);
  if (!gift) assured_.held_back.insert(accounts.begin(), accounts.end());
  return Applied::kFailed;
}

Applier::Applied Applier::Do(const ReplaceRules& action, const Observation& seen, Instant now) {
  auto licence = parts_.journal.LicenceToGive();
  if (action.gift && !licence) return Applied::kFailed;
  const OurFile file{kRulesFile, RenderRules(action.rules, parts_.in_force.traits), 0440, seen.actual.rules_foreign};
  if (!MayWrite(kRulesFile, file.text)) return Applied::kFailed;
  std::vector<Finding> findings;
  const auto folder = parts_.ground.Open(kRulesFolder, findings);
  const auto put = [&]() -> Result<void> {
    if (!folder) return Failure(folder.error());
    return action.gift ? GiveFile(std::move(licence).value(), *folder, file) : TakeFile(*folder, file);
  };
  return Settle(put(), kAboutRules, EveryAccount(parts_.in_force), action.gift, now);
}

Applier::Applied Applier::Do(const ReplaceKeys& action, const Observation& seen, Instant now) {
  auto licence = parts_.journal.LicenceToGive();
  if (action.gift && !licence) return Applied::kFailed;
  const std::string& name = action.account.Text();
  const OurFile file{name, RenderKeys(action.lines), 0644, seen.actual.keys_foreign.contains(action.account)};
  if (!MayWrite(kKeysFolder + ("/" + name), file.text)) return Applied::kFailed;
  std::vector<Finding> findings;
  const auto folder = parts_.ground.Open(kKeysFolder, findings);
  const auto put = [&]() -> Result<void> {
    if (!folder) return Failure(folder.error());
    if (action.lines.empty()) return folder->Remove(name, AsideName());
    return action.gift ? GiveFile(std::move(licence).value(), *folder, file) : TakeFile(*folder, file);
  };
  return Settle(put(), "keys of " + name, {action.account}, action.gift, now);
}

Applier::Applied Applier::Do(const ReplaceManaged& action, const Observation& seen, Instant) {
  // Blind: who is gated is not known, so the list stays what it was. A host that never had a bundle gates nobody, and says so.
  const bool first = seen.managed_missing && !parts_.in_force.mark;
  if (managed_.IsWriting() || (parts_.in_force.IsBlind() && !first)) return Applied::kNothing;
  if (!MayWrite(kManagedFile, RenderManaged(action.managed))) return Applied::kFailed;
  managed_.Write(action.managed, seen.actual.managed_foreign, [this](const Result<void>& done) {
    static_cast<void>(Settle(done, kManagedFile, {}, true, ReadNow().utc));
    parts_.waker.Wake();
  });
  return Applied::kNothing;
}

bool Applier::MayWrite(const std::string& place, const std::string& text) {
  const bool may = pace_.MayWrite(place, text, ReadNow().boot);
  failed_ = failed_ || !may;
  return may;
}

Applier::Applied Applier::Do(const Intend& action, const Observation&, Instant now) {
  if (!parts_.in_force.bundle || parts_.journal.IsFull() || !asking_.insert(action.grant).second) return Applied::kNothing;
  const Bundle& bundle = *parts_.in_force.bundle;
  const auto late = FindNotIntended(parts_.in_force, bundle, parts_.in_force.time, ReadNow()).late;
  const bool is_late = std::ranges::find(late, action.grant) != late.end();
  Record record;
  is_late ? AddLate(record, bundle, {action.grant}, now) : AddIntents(record, bundle, {action.grant}, now);
  const std::vector<EndedGrant> ends = record.ended;
  parts_.journal.Commit(std::move(record), [this, grant = action.grant, ends](const Result<void>& done) {
    asking_.erase(grant);
    if (!done) return;
    for (const EndedGrant& ended : ends) End(parts_.in_force, ended);
    if (ends.empty()) {
      RememberIntents(parts_.in_force, {grant});
      NoteIntended(grant);
    }
    parts_.waker.Wake();
  });
  return Applied::kNothing;
}

// A session is ended beside the loop, and no file that was observed changes by it.
Applier::Applied Applier::Do(const EndSession& action, const Observation&, Instant) {
  parts_.aftermath.EndSession(action.session);
  return Applied::kNothing;
}

// A book that cannot be written is found by its repair, at the end of each turn.
Applier::Applied Applier::Do(const RebindSession& action, const Observation&, Instant) {
  static_cast<void>(parts_.book.Rebind(action.session, action.grant, action.deadline));
  return Applied::kNothing;
}

Applier::Applied Applier::Do(const CheckRules& action, const Observation& seen, Instant now) {
  CheckAhead(action.rules, seen.actual, now);
  return Applied::kNothing;
}

void Applier::CheckAhead(const std::vector<Rule>& rules, const Actual& actual, Instant now) {
  if (parts_.check.IsBusy() || (assured_.checked && *assured_.checked == rules)) return;
  const std::string text = RenderRules(rules, parts_.in_force.traits);
  if (text == failed_check_) return;
  const auto back = ParseRules(text, parts_.in_force.traits);
  if (!back || *back != rules) {
    failed_check_ = text;
    return parts_.alarms.Raise(kAboutCheck, "the rules cannot be read back as they were meant", now);
  }
  std::vector<Rule> fresh;
  std::copy_if(rules.begin(), rules.end(), std::back_inserter(fresh), [&](const Rule& rule) { return !HasRule(rule.grant, actual); });
  parts_.check.Ask(fresh, text, [this, rules, actual, text](const RuleVerdict& verdict) {
    // Refused one by one, and the others are checked without them.
    for (const auto& [grant, why] : verdict.unsafe) {
      assured_.refused.insert(grant);
      parts_.refused({grant}, why);
    }
    if (verdict.unsafe.empty()) return TakeCheck(rules, actual, text, verdict.text);
    parts_.waker.Wake();
  });
}

void Applier::TakeCheck(const std::vector<Rule>& rules, const Actual& actual, const std::string& text,
                        const Result<void>& verdict) {
  const Instant now = ReadNow().utc;
  if (verdict) {
    assured_.checked = rules;
    // What was refused with something else in it may now have one thing less to blame.
    failed_check_.clear();
    parts_.alarms.Clear(kAboutCheck, now);
  } else {
    failed_check_ = text;
    parts_.alarms.Raise(kAboutCheck, verdict.error().Text(), now);
    if (verdict.error().code == Errc::kRefused) NoteRefusal(rules, actual, assured_);
    std::set<GrantId> fresh;
    for (const auto& rule : rules) {
      if (!HasRule(rule.grant, actual)) fresh.insert(rule.grant);
    }
    // Of several new ones it is not known yet which is at fault: they are offered one by one now.
    if (fresh.size() == 1 || verdict.error().code != Errc::kRefused) parts_.refused(fresh, verdict.error().Text());
  }
  parts_.waker.Wake();
}

bool Applier::Clean(const Observation& seen, Instant now) {
  bool changed = false;
  for (const auto& [folder, name] : seen.strangers) {
    if (name.starts_with(".aside.")) continue;
    std::vector<Finding> findings;
    const auto directory = parts_.ground.Open(folder, findings);
    const auto gone = directory ? directory->Remove(name, AsideName()) : Result<void>(Failure(directory.error()));
    std::string where = folder;
    where.append("/").append(name);
    if (!gone) parts_.alarms.Raise(where, gone.error().Text(), now);
    changed = changed || gone.has_value();
  }
  return changed;
}

bool Applier::ApplyBanners(const Desired& desired, const Observation& seen, Instant now) {
  std::map<AccountName, std::string> want;
  for (const auto& account : desired.managed) {
    if (account.gate.login && !desired.access.keys.contains(account.name)) want[account.name] = RenderBanner(account.name, parts_.host);
  }
  if (parts_.in_force.IsBlind() || want == seen.banners) return false;
  std::vector<Finding> findings;
  const auto folder = parts_.ground.Open(kBannerFolder, findings);
  if (!folder) return false;
  bool changed = false;
  const auto settle = [&](const AccountName& account, const Result<void>& done) {
    changed = true;
    if (!done) parts_.alarms.Raise("banner of " + account.Text(), done.error().Text(), now);
  };
  for (const auto& [account, text] : want) {
    const auto have = seen.banners.find(account);
    if (have != seen.banners.end() && have->second == text) continue;
    settle(account, folder->Replace(account.Text(), text, 0644, Durable::kNo));
  }
  for (const auto& [account, text] : seen.banners) {
    if (!want.contains(account)) settle(account, folder->Remove(account.Text(), AsideName()));
  }
  return changed;
}

}  // namespace curfew
