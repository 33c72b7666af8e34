// SPDX-License-Identifier: Apache-2.0
// sshd_config(5), sudoers(5), pam.d(5), passwd(5), as far as we ask.
#include "core/host_settings.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

#include "core/lines.h"

namespace curfew {
namespace {

constexpr std::string_view kOurs = "/run/curfew/";
constexpr std::string_view kOurKeys = "/run/curfew/keys/";
constexpr std::size_t kLongestVersion = 32;
constexpr Uid kFirstOrdinary = 1000;
constexpr Uid kLastOrdinary = 60000;

std::vector<std::string_view> Split(std::string_view text, std::string_view separators) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(separators), text.size());
    if (end > 0) parts.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

std::vector<std::string_view> Words(std::string_view line) { return Split(line, " \t\r"); }

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

std::array<int, 3> Numbers(std::string_view version) {
  std::array<int, 3> numbers{};
  for (int& number : numbers) {
    const auto [end, error] = std::from_chars(version.data(), version.data() + version.size(), number);
    if (error != std::errc()) return numbers;
    version.remove_prefix(static_cast<std::size_t>(end - version.data()));
    if (!version.starts_with('.')) break;
    version.remove_prefix(1);
  }
  return numbers;
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

std::string VersionText(std::string_view output, std::string_view mark) {
  const std::size_t at = output.find(mark);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = output.substr(at + mark.size());
  return Escaped(rest.substr(0, std::min(rest.find_first_of(" ,\r\n"), kLongestVersion)));
}

bool SudoReadsDates(std::string_view version) { return Numbers(version) >= std::array{1, 9, 9}; }
bool SshdReadsUtc(std::string_view version) { return Numbers(version) >= std::array{9, 1, 0}; }
bool SshdHasPenalties(std::string_view version) { return Numbers(version) >= std::array{9, 8, 0}; }

SshdSettings ReadSshdSettings(std::string_view output) {
  SshdSettings settings;
  for (const auto line : Split(output, "\n")) {
    const std::size_t space = line.find(' ');
    if (space == std::string_view::npos) continue;
    settings.emplace(Lower(line.substr(0, space)), std::string(line.substr(space + 1)));
  }
  return settings;
}

std::string FlawOfManaged(const SshdSettings& settings) {
  const std::string keys = ValueOf(settings, "authorizedkeysfile");
  if (!keys.starts_with(kOurKeys) || keys.find(' ') != std::string::npos) {
    return "authorizedkeysfile is " + Escaped(keys) + ", not " + std::string(kOurKeys) + "%u alone";
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

std::string FirstUnmanaged(std::string_view passwd, const std::vector<Gated>& managed) {
  for (const auto line : Split(passwd, "\n")) {
    const auto fields = Split(line, ":");
    if (fields.size() < 3) continue;
    const auto uid = ExactUid(fields[2]);
    const bool ordinary = uid && *uid >= kFirstOrdinary && *uid <= kLastOrdinary && AccountName::Parse(fields[0]);
    const auto is_this = [&](const Gated& account) { return account.name.Text() == fields[0]; };
    if (ordinary && std::none_of(managed.begin(), managed.end(), is_this)) return std::string(fields[0]);
  }
  return "nobody";
}

std::vector<std::string> NamesOf(Uid uid, std::string_view passwd) {
  std::vector<std::string> names;
  for (const auto line : Split(passwd, "\n")) {
    const auto fields = Split(line, ":");
    if (fields.size() >= 3 && ExactUid(fields[2]) == uid) names.emplace_back(fields[0]);
  }
  return names;
}

bool CallsPamModule(std::string_view file, std::string_view group) {
  for (auto line : Split(file, "\n")) {
    const std::size_t start = line.find_first_not_of(" \t-");
    if (start == std::string_view::npos) continue;
    line.remove_prefix(start);
    if (line.starts_with(group) && line.find("pam_curfew.so") != std::string_view::npos) return true;
  }
  return false;
}

bool IncludesSudoersFolder(std::string_view sudoers) {
  const auto lines = Split(sudoers, "\n");
  return std::any_of(lines.begin(), lines.end(), [](std::string_view line) {
    const auto words = Words(line);
    const bool include = words.size() == 2 && (words[0] == "@includedir" || words[0] == "#includedir");
    return include && words[1] == "/etc/sudoers.d";
  });
}

}  // namespace curfew
