// SPDX-License-Identifier: Apache-2.0
// Looks at everything the layers of expiry rest on (core/layers.h). It waits for other programs: for a worker's thread, or
// doctor. Looked at again, programs are asked only when a file that they are or read has changed.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "agent/paths.h"
#include "core/desired.h"
#include "core/layers.h"

namespace curfew {

class HostLook {
 public:
  explicit HostLook(Paths paths) : paths_(std::move(paths)) {}
  /// `enforcer` is left false: whoever asks knows better.
  [[nodiscard]] LayerFacts At(const std::vector<Gated>& managed);

 private:
  void AskPrograms(const std::vector<Gated>& managed);
  [[nodiscard]] std::string Fingerprint(const std::vector<Gated>& managed) const;

  Paths paths_;
  LayerFacts facts_;
  std::string fingerprint_;
  int looks_ = 0;
};

}  // namespace curfew
