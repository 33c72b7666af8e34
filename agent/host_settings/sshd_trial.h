// SPDX-License-Identifier: Apache-2.0
// The proof of a block that is not in its place yet: sshd is asked about a configuration that differs from the real one in
// our file alone.
#pragma once

#include <string>
#include <vector>

#include "agent/paths.h"
#include "core/desired.h"

namespace curfew {

/// A text under trial and the name of the configuration that is made for it in /run/curfew.
struct SshdCandidate {
  std::string path;
  std::string config;
};

/// Says for whom it was proved: root and an unmanaged account unchanged, accounts managed for login bound (the first 32:
/// each costs sshd 20 ms, and the text is the same for all).
[[nodiscard]] Result<std::string> ProveSshdBlock(const Paths& paths, const std::vector<Gated>& managed,
                                                 const SshdCandidate& candidate);

}  // namespace curfew
