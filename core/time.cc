// SPDX-License-Identifier: Apache-2.0
// Instants and durations as text, strictly: one spelling is written, and only what we write is read.
#include "core/time.h"

#include <algorithm>
#include <array>
#include <optional>

#include <fmt/format.h>

namespace curfew {
namespace {

constexpr Seconds kLongestDuration{366 * 86400};

struct Fields {
  int year, month, day, hour, minute, second, millis;
};

// Outside 1970 to 9999 the text would have another length; such instants cannot come from a signed field.
Fields Split(Instant at) {
  at = std::clamp(at, Instant{}, kEndOfTime + Millis{999});
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss time{at - day};
  return {static_cast<int>(date.year()),
          static_cast<int>(static_cast<unsigned>(date.month())),
          static_cast<int>(static_cast<unsigned>(date.day())),
          static_cast<int>(time.hours().count()),
          static_cast<int>(time.minutes().count()),
          static_cast<int>(time.seconds().count()),
          static_cast<int>(time.subseconds().count())};
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Reads `text` against `form`, in which Y M D h m s f stand for one digit each and all else for itself.
std::optional<Fields> Match(std::string_view text, std::string_view form) {
  if (text.size() != form.size()) return std::nullopt;
  Fields fields{};
  for (std::size_t i = 0; i < form.size(); ++i) {
    int* field = nullptr;
    switch (form[i]) {
      case 'Y': field = &fields.year; break;
      case 'M': field = &fields.month; break;
      case 'D': field = &fields.day; break;
      case 'h': field = &fields.hour; break;
      case 'm': field = &fields.minute; break;
      case 's': field = &fields.second; break;
      case 'f': field = &fields.millis; break;
      default: break;
    }
    if (field == nullptr ? text[i] != form[i] : !IsDigit(text[i])) return std::nullopt;
    if (field != nullptr) *field = *field * 10 + (text[i] - '0');
  }
  return fields;
}

Result<Instant> Join(const std::optional<Fields>& fields, std::string_view form) {
  if (!fields) return Fail(Errc::kMalformed, fmt::format("not a time of the form {}", form));
  const std::chrono::year_month_day date{std::chrono::year{fields->year},
                                         std::chrono::month{static_cast<unsigned>(fields->month)},
                                         std::chrono::day{static_cast<unsigned>(fields->day)}};
  if (!date.ok() || fields->year < 1970 || fields->hour > 23 || fields->minute > 59 || fields->second > 59) {
    return Fail(Errc::kMalformed, "no such time of day or day between 1970 and 9999");
  }
  return std::chrono::sys_days{date} + std::chrono::hours{fields->hour} + std::chrono::minutes{fields->minute} +
         Seconds{fields->second} + Millis{fields->millis};
}

struct Unit {
  char letter;
  std::int64_t seconds;
};
constexpr std::array<Unit, 4> kUnits{{{'d', 86400}, {'h', 3600}, {'m', 60}, {'s', 1}}};

Failure BadDuration() {
  return Fail(Errc::kMalformed, "not a duration", {}, "write it like 90s, 15m, 2h, 1h30m or 1d");
}

}  // namespace

std::string Rfc3339Millis(Instant at) {
  const Fields f = Split(at);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", f.year, f.month, f.day, f.hour, f.minute, f.second,
                     f.millis);
}

std::string Rfc3339(Instant at) {
  const Fields f = Split(at);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", f.year, f.month, f.day, f.hour, f.minute, f.second);
}

Result<Instant> ParseRfc3339(std::string_view text) {
  constexpr std::string_view kWhole = "YYYY-MM-DDThh:mm:ssZ";
  constexpr std::string_view kWithMillis = "YYYY-MM-DDThh:mm:ss.fffZ";
  const std::string_view form = text.size() == kWithMillis.size() ? kWithMillis : kWhole;
  return Join(Match(text, form), form);
}

std::string CompactUtc(Instant at) {
  const Fields f = Split(at);
  return fmt::format("{:04}{:02}{:02}{:02}{:02}{:02}Z", f.year, f.month, f.day, f.hour, f.minute, f.second);
}

Result<Instant> ParseCompactUtc(std::string_view text) {
  constexpr std::string_view kForm = "YYYYMMDDhhmmssZ";
  return Join(Match(text, kForm), kForm);
}

Result<Seconds> ParseDuration(std::string_view text) {
  std::int64_t total = 0;
  const Unit* unit = kUnits.data();
  if (text.empty()) return BadDuration();
  while (!text.empty()) {
    std::int64_t number = 0;
    std::size_t digits = 0;
    while (digits < text.size() && digits < 9 && IsDigit(text[digits])) number = number * 10 + (text[digits++] - '0');
    if (digits == 0 || digits == text.size() || text.front() == '0') return BadDuration();
    while (unit != kUnits.end() && unit->letter != text[digits]) ++unit;
    if (unit == kUnits.end()) return BadDuration();
    total += number * unit->seconds;
    ++unit;
    text.remove_prefix(digits + 1);
  }
  if (Seconds{total} > kLongestDuration) return Fail(Errc::kOutOfRange, "longer than 366 days");
  return Seconds{total};
}

std::string FormatDuration(Seconds length) {
  std::int64_t rest = std::max<std::int64_t>(length.count(), 0);
  std::string text;
  for (const Unit& unit : kUnits) {
    if (rest >= unit.seconds) text += fmt::format("{}{}", rest / unit.seconds, unit.letter);
    rest %= unit.seconds;
  }
  return text.empty() ? "0s" : text;
}

}  // namespace curfew
