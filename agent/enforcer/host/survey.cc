// SPDX-License-Identifier: Apache-2.0
// That the enforcer runs is known to nobody better than to itself.
#include "agent/enforcer/host/survey.h"

namespace curfew {
namespace {

constexpr int kTicksALook = 10;

}  // namespace

void Survey::Renew(const std::vector<Gated>& managed) {
  if (looking_) return;
  looking_ = true;
  slow_.Ask([look = look_, managed] { return look->At(managed); },
            [this](LayerFacts found) {
              looking_ = false;
              found.enforcer = true;
              if (found == facts_) return;
              facts_ = std::move(found);
              changed_();
            });
}

void Survey::Tick(const std::vector<Gated>& managed) {
  ticks_ = (ticks_ + 1) % kTicksALook;
  if (ticks_ == 0) Renew(managed);
}

std::vector<std::string> Survey::Layers() const {
  std::vector<std::string> names;
  if (!facts_) return names;
  for (const Layer layer : LayersOf(*facts_)) names.emplace_back(Word(layer));
  return names;
}

}  // namespace curfew
