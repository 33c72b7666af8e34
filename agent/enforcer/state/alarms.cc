// SPDX-License-Identifier: Apache-2.0
// Kept in memory: after a restart what is still wrong is raised again.
#include "agent/enforcer/state/alarms.h"

namespace curfew {

void Alarms::Raise(const std::string& about, const std::string& sentence, Instant now, EventKind kind) {
  const bool fresh = raised_.insert_or_assign(about, sentence).second;
  if (fresh) journal_.Note(DraftEvent(now, kind, Severity::kAlarm, sentence));
}

void Alarms::Clear(const std::string& about, Instant now) {
  const auto raised = raised_.find(about);
  if (raised == raised_.end()) return;
  journal_.Note(DraftEvent(now, EventKind::kRepaired, Severity::kInfo, raised->second));
  raised_.erase(raised);
}

void Alarms::Compare(const std::vector<Finding>& findings, Instant now) {
  std::map<std::string, std::string> found;
  for (const auto& finding : findings) found.emplace(finding.place, finding.place + ": " + finding.what);
  for (const auto& [place, sentence] : found) {
    if (!found_.contains(place)) journal_.Note(DraftEvent(now, EventKind::kDrift, Severity::kAlarm, sentence));
  }
  for (const auto& [place, sentence] : found_) {
    if (!found.contains(place)) journal_.Note(DraftEvent(now, EventKind::kRepaired, Severity::kInfo, sentence));
  }
  found_ = std::move(found);
}

std::vector<std::string> Alarms::Sentences() const {
  std::vector<std::string> sentences;
  for (const auto* table : {&raised_, &found_}) {
    for (const auto& [about, sentence] : *table) sentences.push_back(sentence);
  }
  return sentences;
}

}  // namespace curfew
