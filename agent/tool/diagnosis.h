// SPDX-License-Identifier: Apache-2.0
// What doctor found: checks in the order they were made, and which layers of expiry hold on this host (DESIGN §6).
#pragma once

#include <set>
#include <string>
#include <vector>

#include "core/layers.h"

namespace curfew {

struct Check {
  std::string name;
  bool ok = false;
  std::string detail;
  std::string fix;  ///< what to type; empty when nothing is wrong
};

struct Diagnosis {
  std::set<Layer> layers;  ///< those that hold
  std::vector<Check> checks;

  void Add(std::string name, bool ok, std::string detail, std::string fix = {});
  [[nodiscard]] int Holds() const;
  /// Every check is green and at least three layers hold.
  [[nodiscard]] bool Ok() const;
};

[[nodiscard]] std::string DiagnosisJson(const Diagnosis& diagnosis);
[[nodiscard]] std::string DiagnosisTable(const Diagnosis& diagnosis);

}  // namespace curfew
