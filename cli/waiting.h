// SPDX-License-Identifier: Apache-2.0
// `--wait`: follows a request at the controller and shows its state until it is usable, refused, or time ran out.
#pragma once

#include <boost/json.hpp>
#include <optional>

#include "cli/controller_api.h"
#include "cli/run.h"

namespace curfew {

struct Waited {
  ExitCode exit = ExitCode::kDone;
  boost::json::value request;  ///< as it was last seen
};

/// Outlives a controller that restarts: silence is only an end when it lasts, or when `timeout` runs out.
[[nodiscard]] Answer<Waited> WaitFor(ControllerApi& api, Terminal& terminal, const boost::json::value& request,
                                     std::optional<Seconds> timeout);

}  // namespace curfew
