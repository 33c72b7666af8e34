// SPDX-License-Identifier: Apache-2.0
// The managed list on its way to the disk. It has to outlive a power cut, and no disk may hold up the loop: it is synced and takes
// its place beside it, between two turns.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "agent/enforcer/host/ground.h"
#include "agent/enforcer/wake/worker.h"
#include "core/desired.h"

namespace curfew {

class ManagedFile {
 public:
  using Done = std::function<void(const Result<void>&)>;
  ManagedFile(Worker& disk, const Ground& ground) : disk_(disk), ground_(ground) {}

  /// `done` comes on the loop. One at a time: MUST NOT be asked while IsWriting.
  void Write(const std::vector<Gated>& managed, bool foreign, Done done);
  [[nodiscard]] bool IsWriting() const { return writing_; }
  /// True for the list that was asked for last.
  [[nodiscard]] bool HasWritten(const std::vector<Gated>& managed) const { return last_ == managed; }

 private:
  Worker& disk_;
  const Ground& ground_;
  std::optional<std::vector<Gated>> last_;
  bool writing_ = false;
};

}  // namespace curfew
