// SPDX-License-Identifier: Apache-2.0
// Beyond its bound only the kind of an event is told apart.
#include "agent/enforcer/state/backlog.h"

#include <utility>

#include "core/plain_text.h"

namespace curfew {
namespace {

constexpr std::size_t kMostSorts = 1000;
constexpr std::size_t kLongestDetail = 1024;

}  // namespace

void AddDetail(Event& event, const std::string& words) {
  event.detail = CutText(std::move(event.detail), kLongestDetail - words.size()) + words;
}

void Backlog::Add(Event event) {
  Sort sort{event.kind, event.actor, event.grant, event.outcome, event.detail};
  if (held_.size() >= kMostSorts && !places_.contains(sort)) sort = Sort{event.kind, {}, {}, {}, {}};
  const auto [place, fresh] = places_.emplace(std::move(sort), held_.size());
  if (fresh) {
    held_.push_back(Held{std::move(event), 0, {}});
    return;
  }
  Held& held = held_[place->second];
  ++held.more;
  held.last = event.at;
}

std::vector<Event> Backlog::Take() {
  std::vector<Event> events;
  events.reserve(held_.size());
  for (auto& held : held_) {
    if (held.more > 0) AddDetail(held.first, " (and " + std::to_string(held.more) + " more like it until " + Rfc3339(held.last) + ")");
    events.push_back(std::move(held.first));
  }
  held_.clear();
  places_.clear();
  return events;
}

}  // namespace curfew
