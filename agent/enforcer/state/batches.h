// SPDX-License-Identifier: Apache-2.0
// The spool on its way out: one sealed batch at a time, the oldest events first, the same again until the controller's
// sealed receipt covers it. MUST: what may have been sent keeps its hash, or the controller sees two events of one number: where
// the oldest one cannot be read back, it is asked by an empty batch what it holds before anything stands in that place.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "agent/enforcer/state/identity.h"
#include "agent/enforcer/state/state_file.h"
#include "agent/enforcer/wake/worker.h"

namespace curfew {

class Batches {
 public:
  using Send = std::function<void(std::string sealed)>;
  /// How the last try went; an event that was lost is an error once, with the record going on behind it.
  using Told = std::function<void(const Result<void>&)>;

  Batches(Worker& disk, std::shared_ptr<StateFile> store, Told told)
      : disk_(disk), store_(std::move(store)), told_(std::move(told)) {}

  /// A link came (or came anew): from now on it gets what waits. Gives the number to stop it with, never 0.
  std::uint64_t Begin(Send send);
  /// Ends that subscription; one that a newer link took over goes on.
  void Stop(std::uint64_t link);
  [[nodiscard]] bool HasLink() const { return send_ != nullptr; }
  /// Something was written or delivered: send what waits, unless a batch is under way.
  void Push(const std::optional<Identity>& identity, std::uint64_t depth);
  void Delivered(std::uint64_t seq);

 private:
  struct Sealed {
    std::uint64_t last = kNothing;
    std::string bytes;            ///< empty: there is nothing to send
    std::optional<Error> mended;  ///< what could not be read back, and is replaced
  };
  static constexpr std::uint64_t kNothing = 0;
  [[nodiscard]] static Result<Sealed> Make(StateFile& store, const Identity& identity, bool may_mend);
  [[nodiscard]] static Result<void> SaidOf(const Result<Sealed>& made);

  Worker& disk_;
  std::shared_ptr<StateFile> store_;
  Told told_;
  Send send_;
  std::optional<std::uint64_t> under_way_;  ///< last event of the batch that was sent; kNothing: it only asks
  std::uint64_t link_ = 0;                  ///< counts links: an answer for an older one is dropped
  bool may_mend_ = false;                   ///< the controller said what it holds, and nothing was sent since
  bool making_ = false;
};

}  // namespace curfew
