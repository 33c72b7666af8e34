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
  under_way_ = 0;
  return ++link_;
}

void Batches::Stop(std::uint64_t link) {
  if (link != link_) return;
  send_ = nullptr;
  under_way_ = 0;
  ++link_;
}

Result<Batches::Sealed> Batches::Make(StateFile& store, const Identity& identity) {
  auto events = store.Oldest(kMostEvents);
  std::optional<Error> mended;
  if (!events && events.error().code == Errc::kMalformed) {
    mended = events.error();
    if (auto anew = store.Mend(); !anew) return Failure(anew.error());
    events = store.Oldest(kMostEvents);
  }
  if (!events) return Failure(events.error());
  if (events->empty()) return Sealed{};
  const std::uint64_t last = events->back().seq;
  auto sealed = Seal(Purpose::kEvents, EncodeEventBatch(EventBatch{identity.host, *std::move(events)}), *identity.audit);
  if (!sealed) return Failure(sealed.error());
  return Sealed{last, *std::move(sealed), std::move(mended)};
}

Result<void> Batches::SaidOf(const Result<Sealed>& made) {
  if (!made) return Failure(made.error());
  return made->mended ? Result<void>(Failure(*made->mended)) : Result<void>();
}

void Batches::Push(const std::optional<Identity>& identity, std::uint64_t depth) {
  if (!send_ || !identity || depth == 0 || making_ || under_way_ != 0) return;
  making_ = true;
  disk_.Ask([store = store_, who = *identity] { return Make(*store, who); },
            [this, link = link_](Result<Sealed> made) {
              making_ = false;
              told_(SaidOf(made));
              if (link != link_ || !send_ || !made || made->last == 0) return;
              under_way_ = made->last;
              send_(std::move(made->bytes));
            });
}

void Batches::Delivered(std::uint64_t seq) {
  if (seq >= under_way_) under_way_ = 0;
}

}  // namespace curfew
