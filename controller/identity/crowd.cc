// SPDX-License-Identifier: Apache-2.0
// Shares of a crowd.
#include "controller/identity/crowd.h"

#include <algorithm>

namespace curfew {

std::optional<std::uint64_t> Crowd::Leaver() const {
  if (owners_.empty() || owners_.size() < bounds_.most) return std::nullopt;
  const auto has_less_to_give = [](const auto& a, const auto& b) {
    if (a.second.size() != b.second.size()) return a.second.size() < b.second.size();
    return *a.second.begin() > *b.second.begin();
  };
  const auto fullest = std::max_element(numbers_.begin(), numbers_.end(), has_less_to_give);
  return *fullest->second.begin();
}

std::optional<std::uint64_t> Crowd::LeaverFor(const std::string& owner) const {
  const auto own = numbers_.find(owner);
  if (own != numbers_.end() && own->second.size() >= bounds_.most_of_one) return *own->second.begin();
  return Leaver();
}

void Crowd::Enter(std::uint64_t number, const std::string& owner) {
  if (owners_.emplace(number, owner).second) numbers_[owner].insert(number);
}

void Crowd::Leave(std::uint64_t number) {
  const auto found = owners_.find(number);
  if (found == owners_.end()) return;
  const auto own = numbers_.find(found->second);
  own->second.erase(number);
  if (own->second.empty()) numbers_.erase(own);
  owners_.erase(found);
}

}  // namespace curfew
