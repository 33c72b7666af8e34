// SPDX-License-Identifier: Apache-2.0
// Any set-uid sudo that cannot read dates makes the dates worthless: whoever holds a rule would take that one.
#include <algorithm>

#include "agent/tool/doctor.h"
#include "agent/tool/programs_here.h"
#include "agent/tool/sudoers_file.h"
#include "os/directory.h"

namespace curfew {
namespace {

bool Report(const char* name, const Result<void>& result, const std::string& good, Diagnosis& diagnosis) {
  diagnosis.Add(name, result.has_value(), result ? good : result.error().what,
                result ? "" : result.error().hint + " (" + result.error().where + ")");
  return result.has_value();
}

Result<void> OurLine(const Paths& paths) {
  const std::string folder_path = paths.root + "/etc/sudoers.d";
  const Error absent{Errc::kNotFound, "sudo does not read our rules", folder_path + "/" + kSudoersName,
                     "curfew-agent setup sudoers"};
  const auto folder = Directory::Open(folder_path);
  if (!folder) return Failure(folder.error());
  const auto seen = folder->Read(kSudoersName, kMostSudoersFile);
  if (!seen) return Failure(seen.error());
  const bool right = *seen && (*seen)->text == SudoersText() && (*seen)->mode == 0440 && (*seen)->owner == 0;
  return right ? Result<void>{} : Failure(absent);
}

}  // namespace

void ExamineSudo(const Patient& patient, Diagnosis& diagnosis) {
  const auto programs = SudoPrograms();
  std::string versions;
  for (const auto& program : programs)
    versions += (versions.empty() ? "" : ", ") + program.path + " (" + program.version + ")";
  diagnosis.Add("sudo", !programs.empty(), programs.empty() ? "no set-uid sudo here" : versions, "apt install sudo");
  const bool dated =
      !programs.empty() && std::all_of(programs.begin(), programs.end(), [](const auto& p) { return p.dates; });
  const bool reads =
      Report("sudoers includes", CheckSudoersIncludes(), "/etc/sudoers brings in /etc/sudoers.d", diagnosis);
  const bool ours = Report("sudoers line", OurLine(patient.paths), "our rules are read", diagnosis);
  const bool sound = Report("visudo", CheckSudoersTree(), "the whole configuration holds", diagnosis);
  diagnosis.layers.native_sudo = dated && reads && ours && sound;
}

}  // namespace curfew
