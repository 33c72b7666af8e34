// SPDX-License-Identifier: Apache-2.0
// The order in which things become durable. Records wait for the disk together and are answered when they are on it; what
// could not be written is tried again, never dropped. MUST: give nothing while the disk refuses or the spool is full; hold
// no more in memory than the grants of a bundle and a bounded backlog.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/enforcer/state/backlog.h"
#include "agent/enforcer/state/record.h"
#include "agent/enforcer/state/state_file.h"
#include "agent/enforcer/wake/worker.h"

namespace curfew {

/// The disk takes what is written, and there is room for what will have to be said of a gift. Only the journal hands it out, and
/// the writer of a gift takes it away: one for each file.
class Licence {
 public:
  Licence(const Licence&) = delete;
  Licence& operator=(const Licence&) = delete;
  Licence(Licence&&) = default;
  Licence& operator=(Licence&&) = default;
  ~Licence() = default;

 private:
  friend class Journal;
  Licence() = default;
};

class Journal {
 public:
  using Done = std::function<void(const Result<void>&)>;
  /// Events that may wait for the controller: three weeks of one every ten seconds, some 60 MiB.
  static constexpr std::uint64_t kMostSpooled = 200000;

  /// `on_written` is called after every write, also a failed one.
  Journal(Worker& disk, std::shared_ptr<StateFile> store, SpoolMark spool, std::function<void()> on_written,
          std::uint64_t most_spooled = kMostSpooled)
      : disk_(disk),
        store_(std::move(store)),
        spool_(spool),
        on_written_(std::move(on_written)),
        most_spooled_(most_spooled),
        full_(spool.depth >= most_spooled) {}

  /// Holds wholly or not at all; `done` is called once it is known which. Nothing of a failed record is tried again.
  void Commit(Record record, Done done);
  /// Shall be written, if not now then later; of a grant no more than its few steps.
  void Keep(Record record);
  /// What may come in any number. Where there is no room for it, it waits in the backlog.
  void Note(Event event);
  /// Tries again what could not be written.
  void Retry();
  /// The last word before the process ends: the backlog is written, however full the spool is.
  void Close();

  [[nodiscard]] const SpoolMark& Spool() const { return spool_; }
  /// Nothing waits and nothing is under way.
  [[nodiscard]] bool IsIdle() const { return !writing_ && (waiting_.empty() || failed_); }
  /// All that was handed in is durable, and nothing of it waits for a disk that refuses.
  [[nodiscard]] bool IsWritten() const { return !writing_ && waiting_.empty(); }
  /// False while the disk refuses or the spool is full: nobody is given anything then.
  [[nodiscard]] bool MayGive() const { return !failed_ && !full_; }
  /// What each writer of a gift asks for; nothing while MayGive is false.
  [[nodiscard]] std::optional<Licence> LicenceToGive() const { return MayGive() ? std::optional(Licence()) : std::nullopt; }
  /// Too many events wait for the controller, until half of them are delivered.
  [[nodiscard]] bool IsFull() const { return full_; }
  /// Why nothing is given.
  [[nodiscard]] std::string WhyNot() const;

 private:
  struct Waiting {
    Record record;
    Done done;  ///< empty for what is kept
  };
  struct Written {
    Result<SpoolMark> result;
    std::vector<Record> records;
  };
  enum class Despite { kNothing, kFailure };
  void Flush(Despite despite = Despite::kNothing);
  void Finish(Written written, const std::vector<Done>& answers);
  void TakeIn(const SpoolMark& spool);
  void KeepFailed(const Error& error, std::vector<Record> records, const std::vector<Done>& answers);
  void WriteBacklog();

  Worker& disk_;
  std::shared_ptr<StateFile> store_;
  SpoolMark spool_;
  std::function<void()> on_written_;
  std::uint64_t most_spooled_;
  std::vector<Waiting> waiting_;
  Backlog backlog_;
  std::string why_not_;
  bool writing_ = false;
  bool failed_ = false;  ///< until a write succeeded
  bool full_ = false;
};

/// An event of this moment without number or chain; `detail` is cut and escaped so that it is plain text.
[[nodiscard]] Event DraftEvent(Instant at, EventKind kind, Severity severity, std::string_view detail);

}  // namespace curfew
