// SPDX-License-Identifier: Apache-2.0
// What a user database answers to another spelling is the site's business, so nothing of it is red; the enforcer ends a login
// by such a name.
#include <pwd.h>

#include <algorithm>
#include <set>

#include "agent/tool/doctor.h"
#include "core/host_settings.h"
#include "os/directory.h"
#include "os/machine.h"

namespace curfew {
namespace {

constexpr std::size_t kMostPasswd = std::size_t{1} << 20U;

std::string UpperOf(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char letter) { return letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter; });
  return text;
}

// Of domains only what this host calls its own can be asked about.
std::vector<std::string> SpellingsOf(const std::string& name) {
  std::vector<std::string> spellings{UpperOf(name)};
  const auto machine = MachineName();
  const std::size_t dot = machine ? machine->find('.') : std::string::npos;
  if (dot != std::string::npos) spellings.push_back(name + "@" + machine->substr(dot + 1));
  return spellings;
}

std::set<std::string> OtherNamesOf(const Gated& account, std::string_view passwd) {
  std::set<std::string> others;
  for (auto& name : NamesOf(account.uid, passwd)) others.insert(std::move(name));
  for (const auto& spelling : SpellingsOf(account.name.Text())) {
    const struct passwd* user = ::getpwnam(spelling.c_str());  // NOLINT(concurrency-mt-unsafe): one thread
    if (user != nullptr && user->pw_uid == account.uid) others.insert(spelling);
  }
  return others;
}

}  // namespace

void ExamineNames(const Patient& patient, Diagnosis& diagnosis) {
  const auto passwd = ReadTrustedFile(patient.paths.root + "/etc/passwd", kMostPasswd);
  for (const auto& account : patient.managed) {
    if (account.uid == kNoUid) {
      diagnosis.Add("account " + account.name.Text(), true,
                    "WARNING: managed, but this host does not know it, so nothing can be granted on it: make it (useradd -m " +
                        account.name.Text() + "), or have the directory service name it");
      continue;
    }
    for (const auto& name : OtherNamesOf(account, passwd.value_or(""))) {
      const auto is_managed = [&](const Gated& other) { return other.name.Text() == name; };
      if (std::any_of(patient.managed.begin(), patient.managed.end(), is_managed)) continue;
      diagnosis.Add("account " + account.name.Text(), true,
                    "WARNING: its uid " + std::to_string(account.uid) + " answers to the name " + Escaped(name) +
                        " too, which sshd's block does not bind: PAM refuses other spellings, a login by another name is ended "
                        "within a minute; give that name a uid of its own, or have the policy manage it too");
    }
  }
}

}  // namespace curfew
