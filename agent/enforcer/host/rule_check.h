// SPDX-License-Identifier: Apache-2.0
// Is this text fit for every sudo on this host? Each visudo that is installed is asked, beside the loop, with the text
// alone in a file; a host without one gets no sudo rule.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "agent/enforcer/host/ground.h"
#include "agent/enforcer/host/programs.h"

namespace curfew {

class RuleCheck {
 public:
  /// Says why not; success when all said yes.
  using Done = std::function<void(const Result<void>&)>;

  RuleCheck(Programs& programs, const Ground& ground, Paths paths)
      : programs_(programs), ground_(ground), paths_(std::move(paths)) {}

  /// Looks for visudos anew; true when they are others than before: what one of them said may not be said again.
  [[nodiscard]] bool Renew();

  /// One check at a time; `done` comes later, never from inside Ask.
  void Ask(const std::string& text, Done done);
  [[nodiscard]] bool IsBusy() const { return waiting_ > 0; }

 private:
  [[nodiscard]] Result<std::string> PutDown(const std::string& text) const;
  void Take(const std::string& visudo, const Result<ChildEnd>& end);

  Programs& programs_;
  const Ground& ground_;
  Paths paths_;
  std::vector<std::string> visudos_;
  std::size_t waiting_ = 0;
  Result<void> verdict_;
  Done done_;
};

/// The visudo programs of this host.
[[nodiscard]] std::vector<std::string> FindVisudos(const Paths& paths);

}  // namespace curfew
