// SPDX-License-Identifier: Apache-2.0
// Shares of a crowd.
#include "controller/identity/crowd.h"

#include <algorithm>

namespace curfew {

std::uint64_t Crowd::Group::Leaver() const {
  constexpr std::size_t kLeastSilent = 4;  // one of so many
  return silent.size() * kLeastSilent > Size() ? *silent.begin() : *speaking.begin();
}

std::optional<std::uint64_t> Crowd::Leaver() const {
  if (owners_.empty() || owners_.size() < bounds_.most) return std::nullopt;
  std::size_t most = 0;
  for (const auto& [owner, group] : groups_) most = std::max(most, group.Size());
  Group leavers;
  for (const auto& [owner, group] : groups_) {
    if (group.Size() != most) continue;
    const std::uint64_t leaver = group.Leaver();
    (group.silent.contains(leaver) ? leavers.silent : leavers.speaking).insert(leaver);
  }
  return leavers.Leaver();
}

std::optional<std::uint64_t> Crowd::LeaverFor(const std::string& owner) const {
  const auto own = groups_.find(owner);
  if (own != groups_.end() && own->second.Size() >= bounds_.most_of_one) return own->second.Leaver();
  return Leaver();
}

void Crowd::Enter(std::uint64_t number, const std::string& owner) {
  if (owners_.emplace(number, owner).second) groups_[owner].silent.insert(number);
}

void Crowd::Speak(std::uint64_t number) {
  const auto found = owners_.find(number);
  if (found == owners_.end()) return;
  Group& group = groups_[found->second];
  if (group.silent.erase(number) > 0) group.speaking.insert(number);
}

void Crowd::Leave(std::uint64_t number) {
  const auto found = owners_.find(number);
  if (found == owners_.end()) return;
  const auto own = groups_.find(found->second);
  own->second.silent.erase(number);
  own->second.speaking.erase(number);
  if (own->second.Size() == 0) groups_.erase(own);
  owners_.erase(found);
}

}  // namespace curfew
