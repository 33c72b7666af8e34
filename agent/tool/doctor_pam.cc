// SPDX-License-Identifier: Apache-2.0
// The gate: lines in PAM's common files, the module they name, and somebody who listens.
#include <sys/stat.h>

#include "agent/tool/doctor.h"
#include "agent/tool/pam_profile.h"
#include "agent/tool/units.h"

namespace curfew {
namespace {

bool ExamineModule(Diagnosis& diagnosis) {
  const auto module = FindPamModule();
  if (!module) {
    diagnosis.Add("pam module", false, module.error().what, module.error().hint);
    return false;
  }
  struct stat seen {};
  const bool safe = ::stat(module->c_str(), &seen) == 0 && seen.st_uid == 0 && (seen.st_mode & 022U) == 0;
  diagnosis.Add("pam module", safe, *module + (safe ? "" : " can be written by others"),
                "reinstall the package curfew-agent");
  return safe;
}

bool ExamineProfile(const Paths& paths, Diagnosis& diagnosis) {
  const auto flaw = FlawOfProfile(paths.root);
  const std::string text = flaw ? *flaw : flaw.error().Text();
  diagnosis.Add("pam profile", text.empty(), text.empty() ? "on" : text, "curfew-agent setup pam");
  return text.empty();
}

}  // namespace

void ExaminePam(const Patient& patient, Diagnosis& diagnosis) {
  const bool module = ExamineModule(diagnosis);
  const bool profile = ExamineProfile(patient.paths, diagnosis);
  diagnosis.layers.pam = module && profile && UnitState("curfew-gate.socket") == "active";
}

}  // namespace curfew
