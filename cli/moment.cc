// SPDX-License-Identifier: Apache-2.0
// Local time by localtime_r, which knows the zone's offset at that very moment.
#include "cli/moment.h"

#include <fmt/format.h>

#include <ctime>

namespace curfew {

std::string MomentText(Instant at, bool utc) {
  const std::time_t seconds = UnixSeconds(at);
  std::tm parts{};
  if ((utc ? gmtime_r(&seconds, &parts) : localtime_r(&seconds, &parts)) == nullptr) return "?";
  const std::string text = fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}", parts.tm_year + 1900, parts.tm_mon + 1,
                                       parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
  if (utc) return text + "Z";
  const long minutes = (parts.tm_gmtoff < 0 ? -parts.tm_gmtoff : parts.tm_gmtoff) / 60;
  return fmt::format("{}{}{:02}:{:02}", text, parts.tm_gmtoff < 0 ? '-' : '+', minutes / 60, minutes % 60);
}

std::string MomentText(const std::optional<Instant>& at, bool utc) { return at ? MomentText(*at, utc) : "-"; }

}  // namespace curfew
