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
/// Programs that give root, our line, visudo; layer native_sudo.
void ExamineSudo(const Patient& patient, Diagnosis& diagnosis);
/// sshd for each managed account, for root and for one that is not managed; layer native_key.
void ExamineSshd(const Patient& patient, Diagnosis& diagnosis);
/// The profile, the module, the gate; layer pam.
void ExaminePam(const Patient& patient, Diagnosis& diagnosis);
/// Units and tmpfs; layers timer, reaper, tmpfs.
void ExamineSystem(const Patient& patient, Diagnosis& diagnosis);

}  // namespace curfew
