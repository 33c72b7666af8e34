// SPDX-License-Identifier: Apache-2.0
// A link with an enforcer's socket on one side, in a folder that goes with the test.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "agent/link/link.h"
#include "tests/agent/link/enforcer_double.h"
#include "tests/controller/fleet/house.h"

namespace curfew::test {

class Desk : public House {
 protected:
  Desk();
  ~Desk() override;

  [[nodiscard]] LinkSettings Settings(std::uint16_t port);
  void Start(LinkSettings settings, TlsContext tls);
  /// True when the link logs a line with `part` in it.
  [[nodiscard]] bool Says(const std::string& part);

  std::string folder;
  std::unique_ptr<EnforcerDouble> enforcer;
  std::unique_ptr<Link> link;
  std::vector<std::string> said;
};

}  // namespace curfew::test
