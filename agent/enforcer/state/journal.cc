// SPDX-License-Identifier: Apache-2.0
// One write is under way at a time; what comes meanwhile goes together into the next one (group commit).
#include "agent/enforcer/state/journal.h"

#include "os/service.h"

namespace curfew {
namespace {

constexpr std::size_t kMostDetail = 1024;
constexpr std::size_t kMostWaiting = 1000;

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
  const bool says_so = event.kind == EventKind::kSpoolFull;
  const bool room = !failed_ && (!full_ || says_so) && waiting_.size() < kMostWaiting;
  if (!room) return backlog_.Add(std::move(event));
  Record record;
  record.events.push_back(std::move(event));
  Keep(std::move(record));
}

void Journal::Retry() {
  // Where nothing waits an empty record tells whether the disk takes anything again.
  if (failed_ && waiting_.empty()) waiting_.emplace_back();
  Flush(Despite::kFailure);
}

void Journal::WriteBacklog() {
  auto events = backlog_.Take();
  if (events.empty()) return;
  Record record;
  record.events = std::move(events);
  waiting_.push_back(Waiting{std::move(record), {}});
}

void Journal::Close() {
  WriteBacklog();
  Flush();
}

std::string Journal::WhyNot() const {
  if (failed_) return "the disk refuses: " + why_not_;
  return full_ ? std::to_string(spool_.depth) + " events wait for the controller; see: systemctl status curfew-link" : "";
}

void Journal::Flush(Despite despite) {
  const bool asked = std::any_of(waiting_.begin(), waiting_.end(), [](const Waiting& one) { return one.done != nullptr; });
  if (writing_ || waiting_.empty() || (failed_ && !asked && despite == Despite::kNothing)) return;
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
        return Written{std::move(result), std::move(records)};
      },
      [this, answers = std::move(answers)](Written written) { Finish(std::move(written), answers); });
}

void Journal::TakeIn(const SpoolMark& spool) {
  spool_ = spool;
  why_not_.clear();
  full_ = spool.depth >= most_spooled_ || (full_ && spool.depth > most_spooled_ / 2);
  if (!full_) WriteBacklog();
}

void Journal::KeepFailed(const Error& error, std::vector<Record> records, const std::vector<Done>& answers) {
  if (why_not_.empty()) LogLine(2, "nothing can be written down, so nothing new is granted: " + error.Text());
  why_not_ = error.Text();
  std::vector<Waiting> again;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (!answers[i]) again.push_back(Waiting{std::move(records[i]), {}});
  }
  waiting_.insert(waiting_.begin(), std::make_move_iterator(again.begin()), std::make_move_iterator(again.end()));
}

void Journal::Finish(Written written, const std::vector<Done>& answers) {
  writing_ = false;
  failed_ = !written.result;
  if (written.result) {
    LogEvents(written.records);
    TakeIn(*written.result);
  } else {
    KeepFailed(written.result.error(), std::move(written.records), answers);
  }
  const Result<void> said = written.result ? Result<void>() : Result<void>(Failure(written.result.error()));
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
