// SPDX-License-Identifier: Apache-2.0
// Events about what was refused, few enough that nobody can fill the disk with them: of each kind ten at once, then one
// a second; the next one says how many were left out. By kind, so that somebody who is denied cannot hide a rollback.
#pragma once

#include <map>

#include "agent/enforcer/state/journal.h"

namespace curfew {

class Refusals {
 public:
  explicit Refusals(Journal& journal) : journal_(journal) {}
  void Note(Event event, const Now& now);

 private:
  static constexpr int kMost = 10;
  struct Bucket {
    int allowance = kMost;
    BootInstant refilled{};
    std::uint64_t left_out = 0;
  };

  Journal& journal_;
  std::map<EventKind, Bucket> buckets_;
};

}  // namespace curfew
