// SPDX-License-Identifier: Apache-2.0
// Words are compared, not understood: an alias is followed one step (sudoers(5), User_Alias), a polkit rule is only seen to
// name somebody.
#include "core/other_roads.h"

#include <algorithm>
#include <set>

namespace curfew {
namespace {

// Whoever is in one reads the disk, runs a container as root, or is an administrator by the distribution's own rules.
constexpr const char* kRootly[] = {"root", "sudo", "admin", "wheel", "docker", "lxd", "incus-admin", "libvirt", "disk"};
constexpr std::string_view kBlanks = " \t";

std::vector<std::string> Lines(std::string_view text) {
  std::vector<std::string> lines(1);
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '\\' && at + 1 < text.size() && text[at + 1] == '\n') {
      ++at;
    } else if (text[at] == '\n') {
      lines.emplace_back();
    } else {
      lines.back() += text[at];
    }
  }
  return lines;
}

std::vector<std::string> Parts(std::string_view text, std::string_view separators) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(separators), text.size());
    if (end > 0) parts.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

class Names {
 public:
  Names(const Gated& account, const std::vector<std::string>& groups) {
    who_ = {account.name.Text(), "ALL"};
    if (account.uid != kNoUid) who_.insert("#" + std::to_string(account.uid));
    for (const auto& group : groups) who_.insert("%" + group);
  }
  /// `User_Alias NAME = a, b : OTHER = c`
  void Learn(const std::string& line) {
    if (!line.starts_with("User_Alias")) return;
    for (const auto& definition : Parts(std::string_view(line).substr(10), ":")) {
      const std::size_t equals = definition.find('=');
      if (equals == std::string::npos) continue;
      const auto name = Parts(definition.substr(0, equals), kBlanks);
      if (!name.empty() && Any(definition.substr(equals + 1))) aliases_.insert(name.front());
    }
  }
  [[nodiscard]] bool Any(const std::string& list) const {
    const auto words = Parts(list, " \t,");
    return std::any_of(words.begin(), words.end(), [&](const auto& word) { return who_.contains(word) || aliases_.contains(word); });
  }

 private:
  std::set<std::string> who_;
  std::set<std::string> aliases_;
};

bool IsRule(const std::string& line) {
  const std::size_t equals = line.find('=');
  const bool comment = line.starts_with('#') && (line.size() < 2 || line[1] < '0' || line[1] > '9');
  return equals != std::string::npos && !comment && !line.starts_with("Defaults") && line.find("_Alias") == std::string::npos;
}

/// The list of users of `users hosts = …`: all words before the last one left of the `=`.
std::string UsersOf(const std::string& line) {
  auto words = Parts(line.substr(0, line.find('=')), kBlanks);
  if (words.size() > 1) words.pop_back();
  std::string users;
  for (const auto& word : words) users += word + ",";
  return users;
}

bool IsNamed(const std::string& text, const Gated& account, const std::vector<std::string>& groups) {
  std::vector<std::string> signs{"\"" + account.name.Text() + "\"", "'" + account.name.Text() + "'", "unix-user:" + account.name.Text()};
  for (const auto& group : groups) {
    for (const char* quote : {"\"", "'"}) signs.push_back(std::string("isInGroup(") + quote + group + quote);
    signs.push_back("unix-group:" + group);
  }
  const auto lines = Lines(text);
  return std::any_of(lines.begin(), lines.end(), [&](const std::string& line) {
    const std::size_t start = line.find_first_not_of(kBlanks);
    if (start == std::string::npos || line.compare(start, 2, "//") == 0 || line[start] == '#') return false;
    return std::any_of(signs.begin(), signs.end(), [&](const auto& sign) { return line.find(sign) != std::string::npos; });
  });
}

}  // namespace

std::vector<std::string> OtherRoads(const Gated& account, const std::vector<std::string>& groups,
                                    const std::vector<RuleFile>& sudoers, const std::vector<RuleFile>& polkit) {
  std::vector<std::string> roads;
  for (const auto& group : groups) {
    if (std::find(std::begin(kRootly), std::end(kRootly), group) != std::end(kRootly)) {
      roads.push_back("is in group " + group + ", which can be root without a grant (gpasswd -d " + account.name.Text() + " " +
                      group + ")");
    }
  }
  Names names(account, groups);
  for (const auto& file : sudoers) {
    for (const auto& line : Lines(file.text)) names.Learn(line);
  }
  for (const auto& file : sudoers) {
    for (const auto& line : Lines(file.text)) {
      if (!IsRule(line) || !names.Any(UsersOf(line))) continue;
      std::string shown = line.substr(0, 120);
      std::replace(shown.begin(), shown.end(), '\t', ' ');
      roads.push_back("has a rule of the site's own in " + file.path + ": " + Escaped(shown) +
                      (account.gate.sudo ? "; it counts with any sudo grant" : "; sudo is not gated for it, so it counts always"));
    }
  }
  for (const auto& file : polkit) {
    if (IsNamed(file.text, account, groups)) {
      roads.push_back("is named by the polkit rule " + file.path + ", which pkexec and run0 ask instead of Curfew");
    }
  }
  return roads;
}

}  // namespace curfew
