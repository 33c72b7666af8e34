// SPDX-License-Identifier: Apache-2.0
// Events about what was refused, few enough that nobody can fill the disk with them: ten at once, then one in ten
// seconds; the next one says how many were left out.
#pragma once

#include "agent/enforcer/journal.h"

namespace curfew {

class Refusals {
 public:
  explicit Refusals(Journal& journal) : journal_(journal) {}
  void Note(Event event, const Now& now);

 private:
  Journal& journal_;
  int allowance_ = 10;
  BootInstant refilled_{};
  std::uint64_t left_out_ = 0;
};

}  // namespace curfew
