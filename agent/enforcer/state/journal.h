// SPDX-License-Identifier: Apache-2.0
// The order in which things become durable. Records wait for the disk together and are answered when they are on it;
// an event that could not be written is tried again, never dropped.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "agent/enforcer/state/record.h"
#include "agent/enforcer/state/store.h"
#include "agent/enforcer/worker.h"

namespace curfew {

class Journal {
 public:
  using Done = std::function<void(const Result<void>&)>;

  /// `on_written` is called after every write, also a failed one.
  Journal(Worker& disk, std::shared_ptr<Store> store, SpoolMark spool, std::function<void()> on_written)
      : disk_(disk), store_(std::move(store)), spool_(spool), on_written_(std::move(on_written)) {}

  /// Holds wholly or not at all; `done` is called once it is known which. Nothing of a failed record is tried again.
  void Commit(Record record, Done done);
  /// Shall be written, if not now then later.
  void Keep(Record record);
  void Note(Event event);
  /// Tries again what could not be written.
  void Retry();

  [[nodiscard]] const SpoolMark& Spool() const { return spool_; }
  /// Nothing waits and nothing is under way.
  [[nodiscard]] bool IsIdle() const { return !writing_ && (waiting_.empty() || failed_); }
  /// False while the disk refuses: nobody is given anything then.
  [[nodiscard]] bool IsWriting() const { return !failed_; }
  [[nodiscard]] const std::string& WhyNot() const { return why_not_; }

 private:
  struct Waiting {
    Record record;
    Done done;  ///< empty for what is kept
  };
  struct Outcome {
    Result<SpoolMark> result;
    std::vector<Record> records;
  };
  void Flush();
  void Finish(Outcome outcome, std::vector<Done> answers);

  Worker& disk_;
  std::shared_ptr<Store> store_;
  SpoolMark spool_;
  std::function<void()> on_written_;
  std::vector<Waiting> waiting_;
  std::string why_not_;
  bool writing_ = false;
  bool failed_ = false;
};

/// An event of this moment without number or chain; `detail` is cut and escaped so that it is plain text.
[[nodiscard]] Event DraftEvent(Instant at, EventKind kind, Severity severity, std::string_view detail);

}  // namespace curfew
