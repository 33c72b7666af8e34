// SPDX-License-Identifier: Apache-2.0
// A diagnosis as the JSON of INTERFACES and as lines for people.
#include "agent/tool/diagnosis.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

namespace curfew {
namespace {

constexpr int kLeastLayers = 3;

}  // namespace

void Diagnosis::Add(std::string name, bool ok, std::string detail, std::string fix) {
  checks.push_back({std::move(name), ok, std::move(detail), ok ? std::string() : std::move(fix)});
}

int Diagnosis::Holds() const {
  return static_cast<int>(layers.size());
}

bool Diagnosis::Ok() const {
  return Holds() >= kLeastLayers &&
         std::all_of(checks.begin(), checks.end(), [](const auto& check) { return check.ok; });
}

std::string DiagnosisJson(const Diagnosis& diagnosis) {
  boost::json::object layers;
  for (const Layer layer : kLayers) layers[Word(layer)] = diagnosis.layers.contains(layer);
  boost::json::array checks;
  for (const auto& check : diagnosis.checks) {
    boost::json::object one;
    one["name"] = check.name;
    one["ok"] = check.ok;
    one["detail"] = check.detail;
    one["fix"] = check.fix;
    checks.emplace_back(std::move(one));
  }
  boost::json::object out;
  out["ok"] = diagnosis.Ok();
  out["layers"] = std::move(layers);
  out["holds"] = diagnosis.Holds();
  out["checks"] = std::move(checks);
  return boost::json::serialize(out) + "\n";
}

std::string DiagnosisTable(const Diagnosis& diagnosis) {
  std::string out;
  for (const auto& check : diagnosis.checks) {
    const bool warns = check.detail.starts_with("WARNING");
    out += fmt::format("{:<4} {:<22} {}\n", check.ok ? (warns ? "warn" : "ok") : "BAD", check.name, check.detail);
    if (!check.fix.empty()) out += fmt::format("{:<4} {:<22} mend: {}\n", "", "", check.fix);
  }
  out += fmt::format("\nlayers of expiry that hold here: {} of 6\n", diagnosis.Holds());
  for (const Layer layer : kLayers) {
    out += fmt::format("  {:<12} {}\n", Word(layer), diagnosis.layers.contains(layer) ? "holds" : "NO");
  }
  return out;
}

}  // namespace curfew
