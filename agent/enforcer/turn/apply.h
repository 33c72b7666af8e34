// SPDX-License-Identifier: Apache-2.0
// Does what the plan says, one action at a time. MUST: a removal waits for nothing; a gift that fails leaves nothing; an
// account whose removal failed is held back until it succeeds.
#pragma once

#include <functional>
#include <set>
#include <string>

#include "agent/enforcer/state/alarms.h"
#include "agent/enforcer/state/in_force.h"
#include "agent/enforcer/turn/observe.h"
#include "agent/enforcer/host/rule_check.h"
#include "agent/enforcer/sessions/aftermath.h"
#include "agent/enforcer/sessions/session_book.h"
#include "agent/enforcer/turn/managed_file.h"
#include "agent/enforcer/turn/pace.h"
#include "agent/enforcer/wake/waker.h"
#include "agent/enforcer/wake/worker.h"

namespace curfew {

class Applier {
 public:
  struct Parts {
    InForce& in_force;
    const Ground& ground;
    RuleCheck& check;
    SessionBook& book;
    Aftermath& aftermath;
    Journal& journal;
    Alarms& alarms;
    Waker& waker;
    Worker& disk;
    HostName host;
    std::function<void(const std::set<GrantId>&, const std::string& why)> refused;  ///< grants that cannot be given
  };
  explicit Applier(Parts parts) : parts_(std::move(parts)), managed_(parts_.disk, parts_.ground) {}

  /// What came of an action. After a failure, and while Managed() is being written, only what takes away (OnlyTakes) is done.
  enum class Applied { kNothing, kChanged, kFailed };
  [[nodiscard]] Applied Apply(const Action& action, const Observation& seen, Instant now);
  /// Takes away names that are not ours from our folders.
  [[nodiscard]] bool Clean(const Observation& seen, Instant now);
  /// What sshd shows to those who have no live login grant.
  [[nodiscard]] bool ApplyBanners(const Desired& desired, const Observation& seen, Instant now);

  [[nodiscard]] const Assured& Assurance() const { return assured_; }
  void NoteIntended(const GrantId& grant) { assured_.intended.insert(grant); }
  /// Begins the check of rules that will be wanted, before they are.
  void CheckAhead(const std::vector<Rule>& rules, const Actual& actual, Instant now);
  /// The last failed check may be tried again.
  void ForgetFailedCheck() { failed_check_.clear(); }
  /// True when a removal failed and has to be tried again soon.
  [[nodiscard]] bool MustRetry() const { return failed_ || !assured_.held_back.empty(); }
  [[nodiscard]] const ManagedFile& Managed() const { return managed_; }
  /// A turn begins. What visudo refused may be asked again with a new bundle, and with another set of visudos.
  void Begin();

 private:
  Applied Do(const ReplaceRules& action, const Observation& seen, Instant now);
  Applied Do(const ReplaceKeys& action, const Observation& seen, Instant now);
  Applied Do(const ReplaceManaged& action, const Observation& seen, Instant now);
  Applied Do(const Intend& action, const Observation& seen, Instant now);
  Applied Do(const CheckRules& action, const Observation& seen, Instant now);
  Applied Do(const EndSession& action, const Observation& seen, Instant now);
  Applied Do(const RebindSession& action, const Observation& seen, Instant now);
  void TakeCheck(const std::vector<Rule>& rules, const Actual& actual, const std::string& text, const Result<void>& verdict);
  /// False for what stood there a moment ago: it is tried again soon.
  [[nodiscard]] bool MayWrite(const std::string& place, const std::string& text);
  Applied Settle(const Result<void>& done, const std::string& about, const std::set<AccountName>& accounts, bool gift, Instant now);

  Parts parts_;
  Assured assured_;
  Pace pace_;
  ManagedFile managed_;
  std::set<GrantId> asking_;
  std::string failed_check_;
  std::optional<BundleMark> checked_for_;
  bool failed_ = false;
};

}  // namespace curfew
