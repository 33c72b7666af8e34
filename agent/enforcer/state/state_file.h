// SPDX-License-Identifier: Apache-2.0
// /var/lib/curfew/state/state.db: bundle, marks, ends and the spool of events. MUST: a Record is in it wholly or not at all.
// Used by one thread at a time.
#pragma once

#include <vector>

#include "agent/enforcer/state/spool.h"
#include "os/sqlite.h"

namespace curfew {

class StateFile {
 public:
  /// kMalformed or kSystem when the file cannot be used; nothing is then taken from it.
  [[nodiscard]] static Result<StateFile> Open(const std::string& path, std::string boot);
  /// Before Load. A state that is another owner's MUST NOT be followed, nor forgotten: its marks and ends count again when that one
  /// is back. It is put by, and what is here of `owner` taken up. Says how many events wait in what was put by, where that was done.
  [[nodiscard]] Result<std::optional<std::uint64_t>> BelongTo(const ContentHash& owner);
  [[nodiscard]] Result<Remembered> Load();
  /// Of a host that has not joined: nothing but where the spool stands, so that the record goes on.
  [[nodiscard]] Result<Remembered> LoadSpool();

  /// The bundle in force with its mark; nothing when there is none.
  [[nodiscard]] Result<std::optional<SealedBundle>> Bundle();

  /// All records in one transaction, in order.
  [[nodiscard]] Result<SpoolMark> Write(std::vector<Record>& records);
  /// As the spool's own; Mend in a transaction.
  [[nodiscard]] Result<std::vector<Event>> Oldest(std::size_t most) { return spool_.Oldest(database_, most); }
  [[nodiscard]] Result<ContentHash> HashOf(std::uint64_t seq) { return spool_.HashOf(database_, seq); }
  [[nodiscard]] bool MayGoOnAfter(std::uint64_t seq) const { return spool_.MayGoOnAfter(seq); }
  [[nodiscard]] Result<void> Mend();

 private:
  StateFile(Database database, std::string boot) : database_(std::move(database)), spool_(boot), boot_(std::move(boot)) {}
  [[nodiscard]] Result<void> PutBy(const ContentHash& theirs, const ContentHash& ours);
  [[nodiscard]] Result<void> Check();
  [[nodiscard]] Result<void> LoadGrants(Remembered& remembered);
  [[nodiscard]] Result<TimeMark> LoadTime();
  [[nodiscard]] Result<TimeLine> LoadLine(const char* at_key, const char* heard_key, bool is_of_this_boot);
  [[nodiscard]] Result<void> WriteOne(Record& record, Spool& spool);
  [[nodiscard]] Result<void> WriteGrants(const Record& record);
  [[nodiscard]] Result<void> WriteBundle(const SealedBundle& bundle);
  [[nodiscard]] Result<void> WriteTime(const TimeMark& mark);
  Database database_;
  Spool spool_;
  std::string boot_;
};

}  // namespace curfew
