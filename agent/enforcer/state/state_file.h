// SPDX-License-Identifier: Apache-2.0
// /var/lib/curfew/state/state.db: bundle, marks, ends and the spool of events. MUST: a Record is in it wholly or not at
// all; the controller never takes two events of one number. Used by one thread at a time.
#pragma once

#include <vector>

#include "agent/enforcer/state/record.h"
#include "os/sqlite.h"

namespace curfew {

class StateFile {
 public:
  /// kMalformed or kSystem when the file cannot be used; nothing is then taken from it.
  [[nodiscard]] static Result<StateFile> Open(const std::string& path, std::string boot);
  [[nodiscard]] Result<Remembered> Load();

  /// All records in one transaction, in order.
  [[nodiscard]] Result<SpoolMark> Write(std::vector<Record>& records);
  /// The oldest events of the spool, whose encodings are at most `most` bytes together.
  [[nodiscard]] Result<std::vector<Event>> Oldest(std::size_t most);
  /// The hash of the spool's event `seq`; kNotFound when it is not there.
  [[nodiscard]] Result<ContentHash> HashOf(std::uint64_t seq);
  /// True when the controller may say that it holds events up to `seq` which this state does not know of: nothing of it
  /// was taken yet, so it may be that of a host whose earlier state was lost.
  [[nodiscard]] bool MayGoOnAfter(std::uint64_t seq) const { return !IsFollowed() && seq > base_; }

 private:
  StateFile(Database database, std::string boot) : database_(std::move(database)), boot_(std::move(boot)) {}
  [[nodiscard]] Result<void> WriteOne(Record& record, SpoolMark& mark);
  [[nodiscard]] Result<void> WriteEvent(Event& event, SpoolMark& mark);
  [[nodiscard]] Result<void> WriteGrants(const Record& record);
  /// Numbers what waits anew, after the events of an earlier state.
  [[nodiscard]] Result<void> GoOnAfter(const SpoolMark& kept, SpoolMark& mark);
  [[nodiscard]] Result<std::vector<Event>> Take(const std::string& query, std::size_t most);
  /// Some event of this state was taken by the controller.
  [[nodiscard]] bool IsFollowed() const { return mark_.depth < mark_.seq - base_; }
  [[nodiscard]] Result<void> Trim(std::uint64_t delivered);
  [[nodiscard]] Result<void> Put(const char* key, std::string_view value);
  [[nodiscard]] Result<std::optional<std::string>> Get(const char* key);
  [[nodiscard]] Result<void> LoadGrants(Remembered& remembered);
  Database database_;
  std::string boot_;
  SpoolMark mark_;
  std::uint64_t base_ = 0;  ///< the last number of an earlier state
};

}  // namespace curfew
