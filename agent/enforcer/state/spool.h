// SPDX-License-Identifier: Apache-2.0
// The events that wait for the controller, in state.db. MUST: what is written can be read back; the controller never takes two
// events of one number. A value: a copy works within a transaction, and takes the original's place once that is committed.
#pragma once

#include <string>
#include <vector>

#include "agent/enforcer/state/record.h"
#include "os/sqlite.h"

namespace curfew {

class Spool {
 public:
  explicit Spool(std::string boot) : boot_(std::move(boot)) {}
  [[nodiscard]] Result<void> Load(Database& database);
  [[nodiscard]] const SpoolMark& Mark() const { return mark_; }

  /// Numbers, chains and writes it.
  [[nodiscard]] Result<void> Add(Database& database, Event& event);
  /// The controller holds all up to here.
  [[nodiscard]] Result<void> Trim(Database& database, std::uint64_t delivered);
  /// The controller's record of an earlier state goes on with what waits.
  [[nodiscard]] Result<void> GoOnAfter(Database& database, const SpoolMark& kept);
  /// Writes it anew with a word in the place of each event that cannot be read back, so that the record goes on.
  [[nodiscard]] Result<void> Mend(Database& database);
  /// Where it stands, as the last word of each write.
  [[nodiscard]] Result<void> PutMark(Database& database) const;

  /// The oldest events, whose encodings are at most `most` bytes together, as far as they can be read back; kMalformed when the
  /// first one cannot.
  [[nodiscard]] Result<std::vector<Event>> Oldest(Database& database, std::size_t most) const;
  /// The hash of event `seq`; kNotFound when it is not there.
  [[nodiscard]] Result<ContentHash> HashOf(Database& database, std::uint64_t seq) const;
  /// True when the controller may say that it holds events up to `seq` which this state does not know of: nothing of it
  /// was taken yet, so it may be that of a host whose earlier state was lost.
  [[nodiscard]] bool MayGoOnAfter(std::uint64_t seq) const { return !IsFollowed() && seq > base_; }

 private:
  /// Some event of this state was taken by the controller.
  [[nodiscard]] bool IsFollowed() const { return mark_.depth < mark_.seq - base_; }
  [[nodiscard]] static Result<Event> Read(Database& database, std::uint64_t seq);
  [[nodiscard]] Result<void> WriteAnew(Database& database, const SpoolMark& before);
  std::string boot_;
  SpoolMark mark_;
  std::uint64_t base_ = 0;  ///< the last number of an earlier state
};

}  // namespace curfew
