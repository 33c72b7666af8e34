// SPDX-License-Identifier: Apache-2.0
// One host as values: the real core over a virtual clock, disk and tmpfs. It can be cut after any action, rebooted,
// fed any sealed bytes; what the files allow is always read back from their rendered text.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "core/accept.h"
#include "core/desired.h"
#include "core/plan.h"

namespace curfew::simulation {

class Host {
 public:
  Host(HostId id, RoleTable roles, std::map<AccountName, Uid> users);

  /// What the link does: hands over sealed bytes. Gives the refusal, if it was one.
  std::optional<Deny> Offer(std::string_view sealed, const Now& now);

  /// One turn of the loop; the power fails after `budget` actions.
  void Turn(const Now& now, std::size_t budget);

  /// Reboot or power cut: tmpfs is empty, what was durable stays.
  void LosePower();

  /// What sudo and sshd would read now.
  [[nodiscard]] Access Readable() const;
  /// When the loop would wake next by itself.
  [[nodiscard]] std::optional<Instant> Next(const Now& now) const { return NextChange(bundle_, Facts(), now).utc; }
  /// What should be allowed at `now`.
  [[nodiscard]] Desired Wanted(const Now& now) const;
  [[nodiscard]] const std::set<GrantId>& Intended() const { return intended_; }
  [[nodiscard]] const std::optional<BundleMark>& Mark() const { return mark_; }

 private:
  [[nodiscard]] HostFacts Facts() const;
  [[nodiscard]] Actual Observe() const;
  void Write(const Action& action);

  HostId id_;
  RoleTable roles_;
  std::map<AccountName, Uid> users_;
  // Durable.
  std::optional<BundleMark> mark_;
  Bundle bundle_;
  std::set<GrantId> ended_;
  std::set<GrantId> intended_;
  std::string managed_text_;
  // On tmpfs.
  std::string rules_text_;
  std::map<AccountName, std::string> keys_text_;
  std::optional<std::vector<Rule>> checked_;
};

}  // namespace curfew::simulation
