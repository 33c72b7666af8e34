// SPDX-License-Identifier: Apache-2.0
// May these rules take effect on this host? First each new command: nobody but root can write it, or what leads to it.
// Then each visudo that is installed now is asked, beside the loop, with the text alone in a file; a host without one gets
// no sudo rule.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "agent/enforcer/host/ground.h"
#include "agent/enforcer/host/programs.h"
#include "agent/enforcer/wake/worker.h"
#include "core/desired.h"

namespace curfew {

struct RuleVerdict {
  Result<void> text;                      ///< why not; success when all said yes
  std::map<GrantId, std::string> unsafe;  ///< grants whose command somebody else could replace, and how; nobody was asked then
};

class RuleCheck {
 public:
  using Done = std::function<void(const RuleVerdict&)>;

  RuleCheck(Programs& programs, Worker& asker, const Ground& ground) : programs_(programs), asker_(asker), ground_(ground) {}

  /// Looks for visudos anew; true when they are others than before: what one of them said may not be said again.
  [[nodiscard]] bool Renew();

  /// One check at a time; `done` comes later, never from inside Ask. `fresh` are the rules that are not in force yet.
  void Ask(const std::vector<Rule>& fresh, const std::string& text, Done done);
  [[nodiscard]] bool IsBusy() const { return busy_; }

 private:
  [[nodiscard]] Result<std::string> PutDown(const std::string& text) const;
  void AskVisudos(const std::string& text);
  void Take(const std::string& visudo, const Result<ChildEnd>& end);
  void Finish();

  Programs& programs_;
  Worker& asker_;  ///< not that of the look-ups: a directory service that hangs must hold up no rule
  const Ground& ground_;
  std::vector<std::string> visudos_;
  bool busy_ = false;
  std::size_t waiting_ = 0;
  RuleVerdict verdict_;
  Done done_;
};

}  // namespace curfew
