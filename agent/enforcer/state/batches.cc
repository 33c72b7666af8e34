// SPDX-License-Identifier: Apache-2.0
// Read and sealed on the worker, for the spool is on the disk.
#include "agent/enforcer/state/batches.h"

#include "core/codec.h"

namespace curfew {
namespace {

// Below kMaxOtherBody with room for the batch's own fields.
constexpr std::size_t kMostEvents = std::size_t{56} << 10U;

}  // namespace

std::uint64_t Batches::Begin(Send send) {
  send_ = std::move(send);
  under_way_.reset();
  may_mend_ = false;
  return ++link_;
}

void Batches::Stop(std::uint64_t link) {
  if (link != link_) return;
  send_ = nullptr;
  ++link_;
}

Result<Batches::Sealed> Batches::Make(StateFile& store, const Identity& identity, bool may_mend) {
  auto events = store.Oldest(kMostEvents);
  std::optional<Error> mended;
  const bool is_lost = !events && events.error().code == Errc::kMalformed;
  if (is_lost && may_mend) {
    mended = events.error();
    if (auto anew = store.Mend(); !anew) return Failure(anew.error());
    events = store.Oldest(kMostEvents);
  } else if (is_lost) {
    events = std::vector<Event>();
  }
  if (!events) return Failure(events.error());
  if (events->empty() && !is_lost) return Sealed{};
  const std::uint64_t last = events->empty() ? kNothing : events->back().seq;
  auto sealed = Seal(Purpose::kEvents, EncodeEventBatch(EventBatch{identity.host, *std::move(events)}), *identity.audit);
  if (!sealed) return Failure(sealed.error());
  return Sealed{last, *std::move(sealed), std::move(mended)};
}

Result<void> Batches::SaidOf(const Result<Sealed>& made) {
  if (!made) return Failure(made.error());
  return made->mended ? Result<void>(Failure(*made->mended)) : Result<void>();
}

void Batches::Push(const std::optional<Identity>& identity, std::uint64_t depth) {
  if (!send_ || !identity || depth == 0 || making_ || under_way_) return;
  making_ = true;
  disk_.Ask([store = store_, who = *identity, may_mend = may_mend_] { return Make(*store, who, may_mend); },
            [this, link = link_](Result<Sealed> made) {
              making_ = false;
              told_(SaidOf(made));
              if (link != link_ || !send_ || !made || made->bytes.empty()) return;
              under_way_ = made->last;
              may_mend_ = false;
              send_(std::move(made->bytes));
            });
}

void Batches::Delivered(std::uint64_t seq) {
  if (!under_way_ || seq < *under_way_) return;
  may_mend_ = *under_way_ == kNothing;
  under_way_.reset();
}

}  // namespace curfew
