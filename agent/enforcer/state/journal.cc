// SPDX-License-Identifier: Apache-2.0
// One write is under way at a time; what comes meanwhile goes together into the next one (group commit).
#include "agent/enforcer/state/journal.h"

#include "os/service.h"

namespace curfew {
namespace {

constexpr std::size_t kMostDetail = 1024;

void LogEvents(const std::vector<Record>& records) {
  for (const auto& record : records) {
    for (const auto& event : record.events) {
      const int level = event.severity == Severity::kAlarm ? 2 : event.severity == Severity::kWarning ? 4 : 6;
      std::string line = "event " + std::to_string(event.seq) + " " + Word(event.kind);
      for (const auto* part : {&event.grant, &event.actor, &event.detail}) line += part->empty() ? "" : " " + *part;
      LogLine(level, line);
    }
  }
}

}  // namespace

void Journal::Commit(Record record, Done done) {
  waiting_.push_back(Waiting{std::move(record), std::move(done)});
  Flush();
}

void Journal::Keep(Record record) {
  waiting_.push_back(Waiting{std::move(record), {}});
  Flush();
}

void Journal::Note(Event event) {
  Record record;
  record.events.push_back(std::move(event));
  Keep(std::move(record));
}

void Journal::Retry() {
  failed_ = false;
  Flush();
}

void Journal::Flush() {
  const bool asked = std::any_of(waiting_.begin(), waiting_.end(), [](const Waiting& one) { return one.done != nullptr; });
  if (writing_ || waiting_.empty() || (failed_ && !asked)) return;
  writing_ = true;
  std::vector<Record> records;
  std::vector<Done> answers;
  for (auto& one : waiting_) {
    records.push_back(std::move(one.record));
    answers.push_back(std::move(one.done));
  }
  waiting_.clear();
  disk_.Ask(
      [store = store_, records = std::move(records)]() mutable {
        auto result = store->Write(records);
        return Outcome{std::move(result), std::move(records)};
      },
      [this, answers = std::move(answers)](Outcome outcome) mutable { Finish(std::move(outcome), std::move(answers)); });
}

void Journal::Finish(Outcome outcome, std::vector<Done> answers) {
  writing_ = false;
  failed_ = !outcome.result;
  if (outcome.result) {
    spool_ = *outcome.result;
    why_not_.clear();
    LogEvents(outcome.records);
  } else {
    if (why_not_.empty()) LogLine(2, "nothing can be written down, so nothing new is granted: " + outcome.result.error().Text());
    why_not_ = outcome.result.error().Text();
    std::vector<Waiting> again;
    for (std::size_t i = 0; i < answers.size(); ++i) {
      if (!answers[i]) again.push_back(Waiting{std::move(outcome.records[i]), {}});
    }
    waiting_.insert(waiting_.begin(), std::make_move_iterator(again.begin()), std::make_move_iterator(again.end()));
  }
  const Result<void> said = outcome.result ? Result<void>() : Result<void>(Failure(outcome.result.error()));
  for (const auto& answer : answers) {
    if (answer) answer(said);
  }
  on_written_();
  Flush();
}

Event DraftEvent(Instant at, EventKind kind, Severity severity, std::string_view detail) {
  Event event;
  event.at = at;
  event.kind = kind;
  event.severity = severity;
  event.outcome = "ok";
  event.detail = std::string(detail);
  if (!IsPlainText(event.detail, kMostDetail)) event.detail = Escaped(detail.substr(0, kMostDetail / 4));
  return event;
}

}  // namespace curfew
