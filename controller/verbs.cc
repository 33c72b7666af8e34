// SPDX-License-Identifier: Apache-2.0
// user, token, host, bundle, revocation, policy.
#include "controller/verbs.h"

#include <unistd.h>

#include <functional>

#include <fmt/format.h>

#include "controller/identity/password.h"
#include "controller/serve.h"
#include "controller/store/sqlite_store.h"
#include "controller/workflow/enrolment.h"
#include "controller/workflow/grants.h"
#include "controller/workflow/requests.h"
#include "controller/workflow/workflow.h"
#include "core/policy_doubts.h"
#include "core/policy_reader.h"
#include "os/machine.h"

namespace curfew {
namespace {

constexpr const char* kAdmin = "admin";

Error ErrorOf(const Refused& refused) {
  const bool missing = refused.kind == Refusal::kNotFound;
  return {missing ? Errc::kNotFound : Errc::kConflict, refused.what, "", refused.hint};
}

/// Opens the folder, runs the verb, and tells a running serve when it changed something.
Result<Printed> WithWorkflow(const Premises& premises, const std::function<Result<Printed>(Workflow&)>& verb) {
  auto keys = LoadSigningKeys(premises.folder);
  if (!keys) return Failure(keys.error());
  auto store = SqliteStore::Open(premises.folder.Store());
  if (!store) return Failure(store.error());
  Workflow workflow(**store, std::move(*keys), premises.settings.workflow);
  bool changed = false;
  workflow.WhenCommitted([&changed](const Committed&) { changed = true; });
  auto said = verb(workflow);
  if (changed) PokeServe(premises.folder);
  return said;
}

template <class Step>
Result<Printed> Do(Workflow& workflow, Step step) {
  auto outcome = workflow.Run(ReadNow().utc, step);
  if (!outcome) return Failure(ErrorOf(outcome.error()));
  return *std::move(outcome);
}

std::string Joined(const std::set<PersonName>& groups) {
  std::string text;
  for (const auto& group : groups) text += (text.empty() ? "" : ",") + group.Text();
  return text.empty() ? "-" : text;
}

std::string Joined(const Labels& labels) {
  std::string text;
  for (const auto& [key, value] : labels) text += (text.empty() ? "" : " ") + key + "=" + value;
  return text.empty() ? "-" : text;
}

Result<std::set<PersonName>> ParseGroups(const std::vector<std::string>& texts) {
  std::set<PersonName> groups;
  for (const auto& text : texts) {
    auto group = PersonName::Parse(text);
    if (!group) return Failure(group.error());
    groups.insert(*std::move(group));
  }
  return groups;
}

Result<Labels> ParseLabels(const std::vector<std::string>& texts) {
  Labels labels;
  for (const auto& text : texts) {
    auto label = ParseLabel(text);
    if (!label) return Failure(label.error());
    if (!labels.insert(*label).second) return Fail(Errc::kMalformed, "label " + label->first + " is given twice", "--label");
  }
  return labels;
}

std::string Owed(std::size_t unproved) {
  if (unproved == 0) return "; nothing was live on it";
  return fmt::format(
      "; the end of {} grant(s) on it is to be proved: if it is connected, or connects within two minutes, it hears of that.\n"
      "`curfew ls --unconfirmed` shows what it has not proved, and until when that can last; to end it there by hand:\n"
      "curfew-controller revocation GRANT >FILE, then on the host: curfew-agent offer FILE",
      unproved);
}

}  // namespace

Result<Printed> AddUser(const Premises& premises, const std::string& text, const std::vector<std::string>& group_texts, std::string password) {
  auto name = PersonName::Parse(text);
  if (!name) return Failure(name.error());
  auto groups = ParseGroups(group_texts);
  if (!groups) return Failure(groups.error());
  while (!password.empty() && (password.back() == '\n' || password.back() == '\r')) password.pop_back();
  auto hash = HashPassword(password);
  if (!hash) return Failure(hash.error());
  return WithWorkflow(premises, [&](Workflow& workflow) {
    return Do(workflow, [&](Change& change) -> Outcome<Printed> {
      if (change.Keep().FindPerson(*name)) return Refuse(Refusal::kConflict, "there is a user " + text + " already", "curfew-controller user ls");
      change.Keep().AddPerson({*name, *groups, *hash, false});
      RecordRoll(change, {kAdmin, "", "added", "person " + text + " in " + Joined(*groups)});
      return Printed{"", "user " + text + " added"};
    });
  });
}

Result<Printed> DisableUser(const Premises& premises, const std::string& text) {
  const auto name = PersonName::Parse(text);
  if (!name) return Failure(name.error());
  return WithWorkflow(premises, [&](Workflow& workflow) {
    return Do(workflow, [&](Change& change) -> Outcome<Printed> {
      auto person = change.Keep().FindPerson(*name);
      if (!person) return Refuse(Refusal::kNotFound, "there is no user " + text, "curfew-controller user ls");
      person->disabled = true;
      change.Keep().UpdatePerson(*person);
      change.Keep().DropSessionsOf(*name);
      EndEverythingOf(change, *name, kAdmin);
      RecordRoll(change, {kAdmin, "added", "disabled", "person " + text});
      return Printed{"", "user " + text + " is disabled and logged out; what was granted to them ends now"};
    });
  });
}

Result<Printed> FreeKey(const Premises& premises, const std::string& fingerprint) {
  return WithWorkflow(premises, [&](Workflow& workflow) {
    return Do(workflow, [&](Change& change) -> Outcome<Printed> {
      const auto owner = change.Keep().FreeKey(fingerprint);
      if (!owner) {
        return Refuse(Refusal::kNotFound, "nobody has handed in a key " + Escaped(fingerprint.substr(0, 80)),
                      "give its fingerprint as `ssh-keygen -l -f FILE` prints it: SHA256:…");
      }
      RecordRoll(change, {kAdmin, "added", "removed", "key " + fingerprint + " of " + owner->Text() + ", freed for anybody"});
      return Printed{"", "the key was " + owner->Text() + "'s; anybody may hand it in now. What lets it in already goes on to its end "
                         "(curfew ls --live, curfew revoke ID)"};
    });
  });
}

Result<Printed> ListUsers(const Premises& premises) {
  return WithWorkflow(premises, [](Workflow& workflow) -> Result<Printed> {
    Printed said;
    said.out = fmt::format("{:<20} {:<9} {}\n", "NAME", "STATE", "GROUPS");
    for (const auto& person : workflow.Kept().People()) {
      said.out += fmt::format("{:<20} {:<9} {}\n", person.name.Text(), person.disabled ? "disabled" : "active", Joined(person.groups));
    }
    return said;
  });
}

Result<Printed> NewToken(const Premises& premises, std::int64_t uses, Seconds expires, const std::vector<std::string>& label_texts) {
  if (uses < 1 || uses > 100000) return Fail(Errc::kOutOfRange, "uses must be 1 to 100000", "--uses", "a token for one host needs none: --uses 1");
  const auto labels = ParseLabels(label_texts);
  if (!labels) return Failure(labels.error());
  const auto secret = NewSecret("ct-");
  if (!secret) return Failure(secret.error());
  return WithWorkflow(premises, [&](Workflow& workflow) {
    return Do(workflow, [&](Change& change) -> Outcome<Printed> {
      const TokenRecord token{NewId("t-"), Sha256(*secret), uses, change.At() + expires, *labels};
      change.Keep().AddToken(token);
      RecordRoll(change, {kAdmin, "", "added",
                          fmt::format("token {} for {} hosts until {}: {}", token.id, uses, Rfc3339(token.expires), Joined(*labels))});
      return Printed{*secret + "\n", fmt::format("token {} for {} host(s) until {}; it is shown this once", token.id, uses, Rfc3339(token.expires))};
    });
  });
}

Result<Printed> ListTokens(const Premises& premises) {
  return WithWorkflow(premises, [](Workflow& workflow) -> Result<Printed> {
    Printed said;
    said.out = fmt::format("{:<22} {:>5} {:<21} {}\n", "ID", "LEFT", "EXPIRES", "LABELS");
    for (const auto& token : workflow.Kept().Tokens()) {
      said.out += fmt::format("{:<22} {:>5} {:<21} {}\n", token.id, token.uses_left, Rfc3339(token.expires), Joined(token.labels));
    }
    return said;
  });
}

Result<Printed> RemoveToken(const Premises& premises, const std::string& id) {
  return WithWorkflow(premises, [&](Workflow& workflow) {
    return Do(workflow, [&](Change& change) -> Outcome<Printed> {
      if (!change.Keep().DropToken(id)) return Refuse(Refusal::kNotFound, "there is no token " + Escaped(id), "curfew-controller token ls");
      RecordRoll(change, {kAdmin, "added", "removed", "token " + id});
      return Printed{"", "token " + id + " removed"};
    });
  });
}

Result<Printed> ListHosts(const Premises& premises) {
  return WithWorkflow(premises, [](Workflow& workflow) -> Result<Printed> {
    Printed said;
    said.out = fmt::format("{:<24} {:<12} {:>7} {:>7} {:<21} {}\n", "NAME", "ID", "BUNDLE", "ACKED", "LAST SEEN", "LABELS");
    for (const auto& host : workflow.Kept().Hosts()) {
      said.out += fmt::format("{:<24} {:<12} {:>7} {:>7} {:<21} {}\n", host.name.Text(), host.id.Hex().substr(0, 12), host.version, host.acked,
                              host.last_seen ? Rfc3339(*host.last_seen) : "never", Joined(host.labels));
    }
    return said;
  });
}

Result<Printed> RemoveHostNamed(const Premises& premises, const std::string& text) {
  const auto name = HostName::Parse(text);
  if (!name) return Failure(name.error());
  return WithWorkflow(premises, [&](Workflow& workflow) {
    return Do(workflow, [&](Change& change) -> Outcome<Printed> {
      const auto removed = RemoveHost(change, *name, kAdmin);
      if (!removed) return tl::unexpected(removed.error());
      return Printed{"", "host " + text + " removed" + Owed(CountUnproved(change, removed->id))};
    });
  });
}

Result<Printed> ShowBundle(const Premises& premises, const std::string& text) {
  const auto name = HostName::Parse(text);
  if (!name) return Failure(name.error());
  return WithWorkflow(premises, [&](Workflow& workflow) -> Result<Printed> {
    const auto host = workflow.Kept().FindHostNamed(*name);
    if (!host) return Fail(Errc::kNotFound, "there is no host " + text, "", "curfew-controller host ls");
    return Printed{workflow.Kept().BundleOf(host->id), ""};
  });
}

Result<Printed> ShowRevocation(const Premises& premises, const std::string& text) {
  const auto id = GrantId::Parse(text);
  if (!id) return Fail(id.error().code, id.error().what, Escaped(text.substr(0, 40)), "give the grant's id, not the request's: curfew show ID");
  return WithWorkflow(premises, [&](Workflow& workflow) -> Result<Printed> {
    const auto grant = workflow.Kept().FindGrant(*id);
    if (!grant) return Fail(Errc::kNotFound, "there is no grant " + text, "", "curfew show ID names the grants of a request");
    std::string sealed = workflow.Kept().RevocationOf(*id);
    if (!sealed.empty()) return Printed{std::move(sealed), ""};
    const bool over = grant->state == GrantState::kEnded || grant->state == GrantState::kFailed;
    if (over) return Fail(Errc::kConflict, "grant " + text + " was not ended early, so there is nothing to carry", "", "its host ends it alone");
    return Fail(Errc::kConflict, "grant " + text + " is " + Word(grant->state) + "; it was not ended", "",
                "end it first: curfew revoke " + grant->request.Text() + " --reason TEXT");
  });
}

namespace {

std::string Warnings(Workflow& workflow, const Policy& policy) {
  std::vector<Person> people;
  for (const auto& person : workflow.Kept().People()) {
    if (!person.disabled) people.push_back({person.name, person.groups});
  }
  std::string text;
  for (const auto& doubts : {UnguardedGifts(policy), StagesInVain(policy, people)}) {
    for (const auto& doubt : doubts) text += "\nwarning: " + doubt;
  }
  return text;
}

}  // namespace

Result<Printed> LoadPolicyText(const Premises& premises, const std::string& text, const std::string& file) {
  return WithWorkflow(premises, [&](Workflow& workflow) -> Result<Printed> {
    const auto version = workflow.LoadPolicy(text, file, kAdmin, ReadNow().utc);
    if (!version) return Failure(version.error());
    const auto policy = ReadPolicy(text, file);
    return Printed{"", fmt::format("policy version {} is in force", *version) + (policy ? Warnings(workflow, *policy) : "")};
  });
}

}  // namespace curfew
