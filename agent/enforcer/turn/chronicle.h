// SPDX-License-Identifier: Apache-2.0
// What became of each grant: seen in place, taken away, looked after, proved. MUST: active only when seen in the files;
// a receipt only after its sessions are over and somebody looked.
#pragma once

#include <map>
#include <set>
#include <vector>

#include "agent/enforcer/sessions/aftermath.h"
#include "agent/enforcer/state/in_force.h"
#include "agent/enforcer/state/journal.h"
#include "agent/enforcer/turn/observe.h"

namespace curfew {

class Chronicle {
 public:
  Chronicle(InForce& in_force, Journal& journal, Alarms& alarms, Aftermath& aftermath)
      : in_force_(in_force), journal_(journal), alarms_(alarms), aftermath_(aftermath) {}

  /// Compares what should be with what was seen after the plan was applied.
  void Record(const Desired& desired, const Observation& seen, const Now& now);

  /// Grants that no text can be made for here; the controller is told with the next turn.
  void NoteRefused(const std::set<GrantId>& grants, const std::string& why);

  /// PAM asks nobody: what sudo begins under the grants of now is in no book, and their proof says so.
  void NoteUnseen();

 private:
  void NoteActive(KnownGrant& known, const Grant& grant, const Now& now);
  void NoteFailed(KnownGrant& known, const std::string& outcome, const std::string& why, const Now& now);
  void NoteEnded(KnownGrant& known, const Now& now);
  void SayEnded(KnownGrant& known, const std::string& cause);
  /// Not live, and nothing will make it so.
  void Close(KnownGrant& known, const Desired& desired, const Observation& seen, const Now& now);
  void Prove(KnownGrant& known, const Observation& seen, const Now& now);
  [[nodiscard]] bool IsLookedAfter(const KnownGrant& known);
  void ForgetOld(const Now& now);
  /// Empty while a revocation, which gives none, is all that was heard.
  [[nodiscard]] std::string CauseOf(const KnownGrant& known, const Now& now) const;

  InForce& in_force_;
  Journal& journal_;
  Alarms& alarms_;
  Aftermath& aftermath_;
  std::set<GrantId> unseen_;  ///< until they are proved
  std::map<GrantId, std::string> refused_;  ///< and why; a check can be answered before its grant is durable
};

/// True when everything the grant gives stands in the files, and sshd reads them for a grant to log in.
[[nodiscard]] bool IsServed(const Grant& grant, const Observation& seen);
[[nodiscard]] bool HasRule(const GrantId& grant, const Actual& actual);
[[nodiscard]] bool HasKey(const GrantId& grant, const Actual& actual);

}  // namespace curfew
