// SPDX-License-Identifier: Apache-2.0
// What doctor found: checks in the order they were made, and which layers of expiry hold on this host (DESIGN §6).
#pragma once

#include <string>
#include <vector>

namespace curfew {

struct Check {
  std::string name;
  bool ok = false;
  std::string detail;
  std::string fix;  ///< what to type; empty when nothing is wrong
};

struct Layers {
  bool native_sudo = false;
  bool native_key = false;
  bool timer = false;
  bool pam = false;
  bool reaper = false;
  bool tmpfs = false;
};

struct Diagnosis {
  Layers layers;
  std::vector<Check> checks;

  void Add(std::string name, bool ok, std::string detail, std::string fix = {});
  [[nodiscard]] int Holds() const;
  /// Every check is green and at least three layers hold.
  [[nodiscard]] bool Ok() const;
};

[[nodiscard]] std::string DiagnosisJson(const Diagnosis& diagnosis);
[[nodiscard]] std::string DiagnosisTable(const Diagnosis& diagnosis);

}  // namespace curfew
