// SPDX-License-Identifier: Apache-2.0
// sshd -t, sshd -T -C, and the words in their output that matter.
#include "agent/tool/sshd_settings.h"

#include <fnmatch.h>
#include <pwd.h>

#include <algorithm>

#include "agent/tool/programs_here.h"
#include "os/text_file.h"

namespace curfew {
namespace {

constexpr const char* kOurKeys = "/run/curfew/keys/";
constexpr const char* kOurs = "/run/curfew/";
constexpr int kMostEntries = 10000;
constexpr uid_t kFirstOrdinary = 1000;
constexpr uid_t kLastOrdinary = 60000;

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

std::string ValueOf(const SshdSettings& settings, const char* key) {
  const auto found = settings.find(key);
  return found == settings.end() ? std::string() : found->second;
}

std::string Expect(const SshdSettings& settings, const char* key, std::string_view wanted) {
  const std::string value = ValueOf(settings, key);
  if (value == wanted) return {};
  return std::string(key) + " is " + (value.empty() ? "not set" : Escaped(value)) + ", not " + std::string(wanted);
}

}  // namespace

SshdSettings ReadSettings(std::string_view output) {
  SshdSettings settings;
  for (const auto line : SplitText(output, '\n')) {
    const std::size_t space = line.find(' ');
    if (space == std::string_view::npos) continue;
    // Keywords that repeat (hostkey, acceptenv) do not matter here; what matters stands once.
    settings.emplace(Lower(line.substr(0, space)), std::string(line.substr(space + 1)));
  }
  return settings;
}

std::string FlawOfManaged(const SshdSettings& settings) {
  const std::string keys = ValueOf(settings, "authorizedkeysfile");
  if (keys.empty() || !keys.starts_with(kOurKeys) || keys.find(' ') != std::string::npos) {
    return "authorizedkeysfile is " + Escaped(keys) + ", not " + kOurKeys + "%u alone";
  }
  for (const auto& flaw :
       {Expect(settings, "authorizedkeyscommand", "none"), Expect(settings, "trustedusercakeys", "none"),
        Expect(settings, "authenticationmethods", "publickey"), Expect(settings, "usepam", "yes")}) {
    if (!flaw.empty()) return flaw;
  }
  return {};
}

std::string TraceOfOurs(const SshdSettings& settings) {
  for (const char* key : {"authorizedkeysfile", "banner"}) {
    if (ValueOf(settings, key).find(kOurs) != std::string::npos) return std::string(key) + " is ours";
  }
  return {};
}

Result<Sshd> Sshd::Find(const std::string& config) {
  const auto found = Present({"/usr/sbin/sshd", "/usr/local/sbin/sshd"});
  if (found.empty())
    return Fail(Errc::kNotFound, "no sshd on this host", "/usr/sbin/sshd", "apt install openssh-server");
  return Sshd(found.front(), config);
}

Result<void> Sshd::Test() const {
  const auto said = Run({path_, "-t", "-f", config_});
  if (!said) return Failure(said.error());
  if (!said->Ok()) return Fail(Errc::kRefused, said->FirstLine(), "sshd -t", "mend sshd's configuration first");
  return {};
}

Result<SshdSettings> Sshd::SettingsOf(const std::string& account) const {
  const auto said = Run({path_, "-T", "-f", config_, "-C", "user=" + account + ",host=localhost,addr=127.0.0.1"});
  if (!said) return Failure(said.error());
  if (!said->Ok()) return Fail(Errc::kRefused, said->FirstLine(), "sshd -T -C user=" + account);
  return ReadSettings(said->output);
}

std::string Sshd::VersionText() const {
  // sshd has no -V before 9.4: it then names itself in its usage.
  const auto said = Run({path_, "-V"});
  if (!said) return {};
  const std::size_t start = said->output.find("OpenSSH_");
  if (start == std::string::npos) return {};
  return said->output.substr(start, said->output.find_first_of(", \n", start) - start);
}

int Sshd::Version() const { return ReadSshVersion(VersionText()); }

bool IncludesFolder(std::string_view config, const std::string& folder) {
  const std::string probe = folder + "/00-curfew.conf";
  std::string text(config);
  std::replace(text.begin(), text.end(), '\t', ' ');
  for (const auto line : SplitText(text, '\n')) {
    const auto words = SplitText(line, ' ');
    // After the first Match an Include would only count for some.
    if (!words.empty() && Lower(words.front()) == "match") return false;
    if (words.size() < 2 || Lower(words.front()) != "include") continue;
    for (std::size_t i = 1; i < words.size(); ++i) {
      const std::string pattern(words[i]);
      if (::fnmatch(pattern.c_str(), probe.c_str(), FNM_PATHNAME) == 0) return true;
    }
  }
  return false;
}

std::string UnmanagedAccount(const std::vector<std::string>& managed) {
  std::string found = "nobody";
  ::setpwent();
  for (int seen = 0; seen < kMostEntries; ++seen) {
    const passwd* entry = ::getpwent();  // NOLINT(concurrency-mt-unsafe): one thread
    if (entry == nullptr) break;
    if (entry->pw_uid < kFirstOrdinary || entry->pw_uid > kLastOrdinary) continue;
    if (std::find(managed.begin(), managed.end(), entry->pw_name) != managed.end()) continue;
    found = entry->pw_name;
    break;
  }
  ::endpwent();
  return found;
}

}  // namespace curfew
