// SPDX-License-Identifier: Apache-2.0
// Ends are compared as signed: a revocation does not change them, and the book was written by them.
#include "agent/enforcer/sessions/whose_sudo.h"

#include <algorithm>

#include "core/decide.h"

namespace curfew {

void WhoseSudo::Follow(const Desired& desired, BootInstant now) {
  desired_ = &desired;
  for (const Grant& grant : desired.live) since_.try_emplace(grant.id, now);
  std::erase_if(since_, [&](const auto& one) {
    return FindGrant(desired.live, one.first) == nullptr && FindGrant(desired.past, one.first) == nullptr;
  });
}

bool WhoseSudo::IsAnothers(const BookedSession& booked, const GrantId& ended, BootInstant over) const {
  const Grant* own = FindGrant(desired_->live, booked.session.grant);
  const bool sudo = booked.session.kind == SessionKind::kSudo;
  if (!sudo || own == nullptr || own->id == ended || booked.last_opened > over) return false;
  const Grant* was = FindGrant(desired_->past, ended);
  if (was != nullptr && own->end > was->end) return true;
  const auto since = since_.find(ended);
  return booked.last_opened && since != since_.end() && *booked.last_opened < since->second;
}

std::set<std::string> WhoseSudo::ScopesOfOthers(const std::vector<BookedSession>& book,
                                                const std::vector<std::pair<GrantId, BootInstant>>& ended) const {
  std::set<std::string> others;
  std::set<std::string> theirs;
  for (const auto& booked : book) {
    const bool spared = std::all_of(ended.begin(), ended.end(), [&](const auto& one) { return IsAnothers(booked, one.first, one.second); });
    if (booked.session.kind == SessionKind::kSudo) (spared ? others : theirs).insert(booked.session.scope);
  }
  for (const auto& scope : theirs) others.erase(scope);
  return others;
}

}  // namespace curfew
