// SPDX-License-Identifier: Apache-2.0
// What happened while nothing could be written down: each thing once, in the order in which it first happened, with how
// often. So nothing is dropped and nobody can fill root's memory.
#pragma once

#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "core/event.h"

namespace curfew {

class Backlog {
 public:
  void Add(Event event);
  /// All of it, to be written; empty afterwards.
  [[nodiscard]] std::vector<Event> Take();

 private:
  using Sort = std::tuple<EventKind, std::string, std::string, std::string, std::string>;
  struct Held {
    Event first;
    std::uint64_t more = 0;
    Instant last{};
  };
  std::vector<Held> held_;
  std::map<Sort, std::size_t> places_;
};

/// Adds to the detail of an event, which is cut before it could grow too long to be read back.
void AddDetail(Event& event, const std::string& words);

}  // namespace curfew
