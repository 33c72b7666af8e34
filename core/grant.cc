// SPDX-License-Identifier: Apache-2.0
// What a grant may say of commands and groups. MUST leave nothing in a command that sudoers(5) reads as more than itself.
#include "core/grant.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace curfew {
namespace {

constexpr std::size_t kMostWords = 64;
constexpr std::size_t kLongestWord = 1024;
constexpr std::size_t kLongestCommand = 4096;

// Members of these can become root by design of the group (docker's and lxd's sockets, raw disks, su and sudo rules).
constexpr std::array<std::string_view, 16> kRootGroups{"root",  "sudo", "wheel",  "admin", "adm",   "docker",  "podman", "lxd",
                                                       "incus", "disk", "shadow", "kmem",  "video", "libvirt", "kvm",    "staff"};

bool IsWordChar(char c) {
  const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  return letter || (c >= '0' && c <= '9') || std::string_view("_./@%+-").find(c) != std::string_view::npos;
}

Failure Bad(std::string_view word, std::string_view why) {
  constexpr std::size_t kMostShown = 64;
  return Fail(Errc::kMalformed, fmt::format("\"{}\" {}", Escaped(word.substr(0, kMostShown)), why), "command",
              "give the absolute path and each argument exactly");
}

const char* WhyNot(std::string_view word) {
  if (word.empty()) return "is empty, and sudo cannot tell it from a space";
  if (word.size() > kLongestWord) return "is longer than 1024 bytes";
  if (word.front() == '^') return "starts with ^, which sudo reads as a regular expression";
  if (word.find_first_of("*?[]") != std::string_view::npos) return "has a wildcard, which would allow more than itself";
  if (word.find('!') != std::string_view::npos) return "has a negation, which allows everything it does not name";
  return std::ranges::all_of(word, IsWordChar) ? nullptr : "has a character other than letters, digits and _ . / @ % + -";
}

const char* WhyNoPath(std::string_view path) {
  if (path.front() != '/') return "is not an absolute path";
  if (path.back() == '/') return "is a directory, which would allow every program in it";
  std::string_view rest = path.substr(1);
  while (true) {
    const std::size_t slash = rest.find('/');
    const std::string_view part = rest.substr(0, slash);
    if (part.empty() || part == "." || part == "..") return "is not the shortest spelling of its path";
    if (slash == std::string_view::npos) return nullptr;
    rest.remove_prefix(slash + 1);
  }
}

}  // namespace

Result<Command> Command::Parse(const std::vector<std::string>& argv) {
  if (argv.empty()) return Fail(Errc::kMalformed, "a command without words", "command", "give at least its path");
  if (argv.size() > kMostWords) return Fail(Errc::kMalformed, "a command of more than 64 words", "command");
  std::size_t length = 0;
  for (const std::string& word : argv) {
    length += word.size() + 1;
    if (const char* why = WhyNot(word)) return Bad(word, why);
  }
  if (length > kLongestCommand) return Fail(Errc::kMalformed, "a command longer than 4096 bytes", "command");
  if (const char* why = WhyNoPath(argv.front())) return Bad(argv.front(), why);
  return Command(argv);
}

std::string WhatText(const Grant& grant) {
  std::string text = grant.login ? "login" : "";
  if (!grant.sudo) return text;
  const auto* commands = std::get_if<std::vector<Command>>(&grant.sudo->commands);
  const std::size_t count = commands == nullptr ? 0 : commands->size();
  text += text.empty() ? "sudo for " : " and sudo for ";
  text += commands == nullptr ? "every command" : fmt::format("{} command{}", count, count == 1 ? "" : "s");
  return grant.sudo->runas.Text() == "root" ? text : text + " as " + grant.sudo->runas.Text();
}

bool IsRootGroup(std::string_view group) { return std::ranges::find(kRootGroups, group) != kRootGroups.end(); }

bool IsFullRoot(const Grant& grant) {
  const bool all = grant.sudo && std::holds_alternative<AllCommands>(grant.sudo->commands) && grant.sudo->runas.Text() == "root";
  return all || std::ranges::any_of(grant.groups, IsRootGroup);
}

}  // namespace curfew
