// SPDX-License-Identifier: Apache-2.0
// Each piece of text is accepted in exactly one spelling.
#include "agent/reaper/past.h"

#include <charconv>
#include <ctime>

namespace curfew {

namespace {

constexpr std::string_view kHeader = "# curfew ";
constexpr std::string_view kGrantLetters = "0123456789abcdefghijklmnopqrstuvwxyz";
constexpr std::string_view kIdLetters = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr std::uint64_t kMostTicks = INT64_MAX;
constexpr std::int64_t kLastSecond = 253402300799;  // of the year 9999

template <typename Number>
std::optional<Number> ParseNumber(std::string_view text) {
  Number value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool plain = !text.empty() && text[0] != '-' && (text[0] != '0' || text.size() == 1);
  if (!plain || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// 2026-11-22T18:00:00Z as Unix seconds. strptime() is lenient: only what is written the same again was read right.
std::optional<std::int64_t> ParseUtc(const std::string& text) {
  constexpr const char* kForm = "%Y-%m-%dT%H:%M:%SZ";
  std::tm fields{};
  if (strptime(text.c_str(), kForm, &fields) == nullptr) return std::nullopt;
  const std::time_t moment = timegm(&fields);
  char again[32];
  const std::size_t length = std::strftime(again, sizeof again, kForm, &fields);
  if (std::string_view(again, length) != text) return std::nullopt;
  return moment;
}

bool IsGrantId(std::string_view text) {
  return text.size() == 22 && text.starts_with("g-") && text.find_first_not_of(kGrantLetters, 2) == std::string_view::npos;
}

// The deadline in `# curfew <grant id> until <UTC>`.
std::optional<std::int64_t> ParseHeader(std::string_view line) {
  line.remove_prefix(kHeader.size());
  const std::size_t space = line.find(' ');
  if (space == std::string_view::npos || !IsGrantId(line.substr(0, space))) return std::nullopt;
  line.remove_prefix(space + 1);
  if (!line.starts_with("until ")) return std::nullopt;
  return ParseUtc(std::string(line.substr(6)));
}

// "#1001 ALL=…" is a rule to sudo: only a hash with a space after it is a comment to both readers.
bool GivesNothing(std::string_view line) { return line.empty() || line == "#" || line.starts_with("# "); }

std::string_view TakeUpTo(std::string_view& text, char end) {
  const std::size_t at = text.find(end);
  const std::string_view taken = text.substr(0, at);
  text.remove_prefix(at == std::string_view::npos ? text.size() : at + 1);
  return taken;
}

// Printable, without a blank, and with no way up: the enforcer writes no other (its core/host_files).
bool IsScope(std::string_view scope) {
  if (scope.empty() || scope.size() > 1024 || scope[0] == '/') return false;
  for (const char byte : scope) {
    if (byte <= ' ' || byte > '~') return false;
  }
  const std::string parts = "/" + std::string(scope) + "/";
  return parts.find("//") == std::string::npos && parts.find("/./") == std::string::npos && parts.find("/../") == std::string::npos;
}

void FillPlace(Session& session) {
  const std::string uid = std::to_string(session.uid);
  const std::string slice = "user.slice/user-" + uid + ".slice";
  std::string_view unit = session.scope;
  session.account = !session.login && unit == slice;
  if (!unit.starts_with(slice + "/")) return;
  unit.remove_prefix(slice.size() + 1);
  session.own = unit == "user@" + uid + ".service";
  if (unit.size() <= 14 || !unit.starts_with("session-") || !unit.ends_with(".scope")) return;
  session.own = unit.substr(8, unit.size() - 14).find_first_not_of(kIdLetters) == std::string_view::npos;
}

}  // namespace

std::string WithoutPast(std::string_view text, std::int64_t now) {
  std::string kept;
  bool in_block = false;
  bool block_lives = false;
  while (!text.empty()) {
    const std::string_view line = TakeUpTo(text, '\n');
    if (line.starts_with(kHeader)) {
      const auto deadline = ParseHeader(line);
      in_block = true;
      block_lives = deadline.has_value() && now < *deadline;
    }
    if (in_block ? block_lives : GivesNothing(line)) kept.append(line).append("\n");
  }
  return kept;
}

std::optional<Session> ParseSession(std::string_view text) {
  Session session;
  session.line = text;
  const auto deadline = ParseNumber<std::int64_t>(TakeUpTo(text, ' '));
  session.scope = TakeUpTo(text, ' ');
  const auto uid = ParseNumber<std::uint32_t>(TakeUpTo(text, ' '));
  const std::string_view grant = TakeUpTo(text, ' ');
  if (!deadline || *deadline > kLastSecond || !uid || *uid == 0 || !IsScope(session.scope) || !IsGrantId(grant)) return std::nullopt;
  session.deadline = *deadline;
  session.uid = *uid;
  session.login = text == "login";
  if (text.starts_with("sudo ")) {
    session.strange_since = ParseNumber<std::uint64_t>(text.substr(5)).value_or(0);
    if (session.strange_since == 0 || session.strange_since > kMostTicks) return std::nullopt;
  } else if (!session.login && text != "sudo") {
    return std::nullopt;
  }
  FillPlace(session);
  return session;
}

}  // namespace curfew
