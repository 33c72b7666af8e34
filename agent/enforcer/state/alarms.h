// SPDX-License-Identifier: Apache-2.0
// What is wrong now, a sentence for each. Raising what is raised already says nothing again; an event tells when it began
// and one when it was put right.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "agent/enforcer/state/finding.h"
#include "agent/enforcer/state/journal.h"

namespace curfew {

class Alarms {
 public:
  explicit Alarms(Journal& journal) : journal_(journal) {}

  /// `about` names the trouble; another sentence about the same trouble replaces the first without a new event.
  void Raise(const std::string& about, const std::string& sentence, Instant now, EventKind kind = EventKind::kDrift);
  void Clear(const std::string& about, Instant now);
  /// Raises what is found and was not before, clears what was found before and is not now.
  void Compare(const std::vector<Finding>& findings, Instant now);

  [[nodiscard]] std::vector<std::string> Sentences() const;

 private:
  Journal& journal_;
  std::map<std::string, std::string> raised_;
  std::map<std::string, std::string> found_;
};

}  // namespace curfew
