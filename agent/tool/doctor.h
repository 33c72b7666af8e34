// SPDX-License-Identifier: Apache-2.0
// `curfew-agent doctor`: looks at everything the promises of this host rest on, changes nothing.
#pragma once

#include <string>
#include <vector>

#include "agent/paths.h"
#include "agent/tool/diagnosis.h"
#include "agent/tool/enforcer_wire.h"
#include "core/desired.h"

namespace curfew {

/// What the single examinations look at, gathered once.
struct Patient {
  Paths paths;
  Result<HostStatus> status;
  std::vector<Gated> managed;
};

[[nodiscard]] Diagnosis Examine(const Paths& paths);

/// The enforcer's own word: enrolled, link, alarms, clock.
void ExamineEnforcer(const Patient& patient, Diagnosis& diagnosis);
/// Owners and modes of what is ours, every folder up to the root included.
void ExamineFiles(const Patient& patient, Diagnosis& diagnosis);
/// What the layers of expiry rest on, looked at as the enforcer looks (core/layers.h), and what sshd does besides.
void ExamineLayers(const Patient& patient, Diagnosis& diagnosis);
/// Managed accounts that can be root without a grant: groups, rules of the site's own, polkit.
void ExamineOtherRoads(const Patient& patient, Diagnosis& diagnosis);

/// Names beside its own by which a managed account can be logged in to: sshd's block does not know them.
void ExamineNames(const Patient& patient, Diagnosis& diagnosis);
/// What the kernel tells of processes, on which the search for what outlives a grant rests.
void ExamineProc(const Patient& patient, Diagnosis& diagnosis);

}  // namespace curfew
