// SPDX-License-Identifier: Apache-2.0
// The same text for the same file again and again: somebody undoes it, or it cannot be read back. What is written wakes the
// loop, so after one repair at once the next MUST wait, or the loop spins.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "core/time.h"

namespace curfew {

/// How long whatever could not be done waits before it is tried again.
inline constexpr Seconds kRetry{1};

class Pace {
 public:
  /// True unless exactly this was the last text for `place` twice within kRetry; then it counts as written now.
  [[nodiscard]] bool MayWrite(const std::string& place, const std::string& text, BootInstant now) {
    std::erase_if(last_, [&](const auto& entry) { return now - entry.second.at >= kRetry; });
    const std::size_t hash = std::hash<std::string>()(text);
    const auto last = last_.find(place);
    if (last != last_.end() && last->second.hash == hash) return !std::exchange(last->second.repaired, true);
    last_[place] = Written{hash, now, false};
    return true;
  }

 private:
  struct Written {
    std::size_t hash = 0;
    BootInstant at{};
    bool repaired = false;
  };
  std::map<std::string, Written> last_;
};

}  // namespace curfew
