// SPDX-License-Identifier: Apache-2.0
// `serve`: both ports, the turns of time, and the notice that an admin's verb changed the store.
#pragma once

#include "controller/settings.h"
#include "controller/state_folder.h"

namespace curfew {

/// Serves until SIGTERM or SIGINT; alone in its folder. Says on standard error when both ports listen.
[[nodiscard]] Result<void> Serve(const StateFolder& folder, const ControllerSettings& settings);

/// Tells a running serve that the store changed; nothing when none runs (it reads the store when it starts).
void PokeServe(const StateFolder& folder);

}  // namespace curfew
