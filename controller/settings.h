// SPDX-License-Identifier: Apache-2.0
// /etc/curfew/controller.toml: where to listen, what the controller is called, how long to wait. Unknown keys are
// refused.
#pragma once

#include <string>
#include <vector>

#include "controller/workflow/change.h"
#include "core/result.h"

namespace curfew {

/// A numeric address and a port.
struct ListenAddress {
  std::string address;
  std::uint16_t port = 0;
};

struct ControllerSettings {
  ListenAddress api{"0.0.0.0", 7443};
  ListenAddress agents{"0.0.0.0", 7444};
  std::string agents_address;      ///< "controller:7444": what hosts are told to dial
  std::vector<std::string> names;  ///< DNS names and addresses in the server certificates
  WorkflowSettings workflow;
  Seconds session{43200};
};

/// "0.0.0.0:7443" or "[::]:7443".
[[nodiscard]] Result<ListenAddress> ParseListenAddress(std::string_view text);

/// Errors are `FILE:LINE:COLUMN: what; hint`.
[[nodiscard]] Result<ControllerSettings> ReadSettings(std::string_view text, const std::string& file);

/// The file that `init` writes for these names.
[[nodiscard]] std::string FirstSettings(const std::vector<std::string>& names);

}  // namespace curfew
