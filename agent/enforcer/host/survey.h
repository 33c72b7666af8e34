// SPDX-License-Identifier: Apache-2.0
// What this host has and which layers of expiry hold with it (agent/host_settings/host_look.h), renewed beside the loop: at start, each
// ten minutes, and when somebody asks for the status.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/enforcer/wake/worker.h"
#include "agent/host_settings/host_look.h"

namespace curfew {

class Survey {
 public:
  /// `changed` is called when the facts are other than they were.
  Survey(Worker& slow, Paths paths, std::function<void()> changed)
      : slow_(slow), look_(std::make_shared<HostLook>(std::move(paths))), changed_(std::move(changed)) {}

  /// Looks again, unless somebody is looking; the answer is there some milliseconds later.
  void Renew(const std::vector<Gated>& managed);
  /// Each minute. Only some of them look: a look wakes this program and systemd a dozen times.
  void Tick(const std::vector<Gated>& managed);
  /// "1.9.13p3", "9.2p1"; empty while not known.
  [[nodiscard]] std::string Sudo() const { return !facts_ || facts_->sudos.empty() ? "" : facts_->sudos.front().version; }
  [[nodiscard]] std::string Sshd() const { return facts_ && facts_->sshd ? facts_->sshd->version : ""; }
  /// False while nobody has looked.
  [[nodiscard]] bool Holds(Layer layer) const { return facts_ && LayersOf(*facts_).contains(layer); }
  /// Names of those that hold; none while nobody has looked.
  [[nodiscard]] std::vector<std::string> Layers() const;

 private:
  Worker& slow_;
  std::shared_ptr<HostLook> look_;  ///< used on the worker only
  std::function<void()> changed_;
  std::optional<LayerFacts> facts_;
  bool looking_ = false;
  int ticks_ = 0;
};

}  // namespace curfew
