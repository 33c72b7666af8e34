// SPDX-License-Identifier: Apache-2.0
// Which sudos an end of a grant may concern. PAM does not know under which grant a sudo runs; some certainly ran under another.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "agent/enforcer/sessions/session_book.h"
#include "core/desired.h"

namespace curfew {

class WhoseSudo {
 public:
  /// A turn has begun, and nobody was let in under these grants yet.
  void Follow(const Desired& desired, BootInstant now);
  /// Certainly not of `ended`, whose end came at `over`: of a live grant, and either that one ends later, for a sudo that both
  /// may have let in is booked under the one that ends first (LastsUnder), or the last sudo of the line came before `ended` was
  /// there. One that came after `over` may have been let in before.
  [[nodiscard]] bool IsAnothers(const BookedSession& booked, const GrantId& ended, BootInstant over) const;
  /// Where such sudos run, and no sudo that may be of one of `ended`, which came to their ends then.
  [[nodiscard]] std::set<std::string> ScopesOfOthers(const std::vector<BookedSession>& book,
                                                     const std::vector<std::pair<GrantId, BootInstant>>& ended) const;

 private:
  const Desired* desired_ = nullptr;
  std::map<GrantId, BootInstant> since_;  ///< when a grant was seen first; nothing for one of before this enforcer's start
};

}  // namespace curfew
