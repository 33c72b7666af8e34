// SPDX-License-Identifier: Apache-2.0
// The round through all examinations, and the two that need no program: the enforcer's word, and the system's.
#include "agent/tool/doctor.h"

#include <linux/magic.h>
#include <sys/vfs.h>

#include "agent/tool/setup.h"
#include "agent/tool/units.h"
#include "os/machine.h"

namespace curfew {
namespace {

constexpr Millis kClockTolerance{2000};

bool IsTmpfs(const std::string& path) {
  struct statfs seen {};
  return ::statfs(path.c_str(), &seen) == 0 && seen.f_type == TMPFS_MAGIC;
}

void ExamineClock(const HostStatus& status, Diagnosis& diagnosis) {
  const Instant now = ReadNow().utc;
  if (status.highest_time > now + kClockTolerance) {
    diagnosis.Add("clock", false, "behind the last signed time, " + Rfc3339(status.highest_time),
                  "set the clock (timedatectl); after a boot nothing is granted below that time until the controller is heard");
    return;
  }
  diagnosis.Add("clock", true, Rfc3339(now));
}

void ExamineUnit(const std::string& unit, bool& active, Diagnosis& diagnosis) {
  const std::string state = UnitState(unit);
  active = state == "active";
  diagnosis.Add(unit, active, state, "systemctl enable --now " + unit);
}

}  // namespace

Diagnosis Examine(const Paths& paths) {
  Diagnosis diagnosis;
  Patient patient{paths, EnforcerClient(paths.LinkSocket()).Status(), {}};
  auto managed = ReadManaged(paths);
  if (managed) {
    patient.managed = std::move(*managed);
  } else {
    diagnosis.Add("managed", false, managed.error().Text(), "systemctl restart curfew-enforcer");
  }
  ExamineEnforcer(patient, diagnosis);
  ExamineSystem(patient, diagnosis);
  ExamineFiles(patient, diagnosis);
  ExamineSudo(patient, diagnosis);
  ExamineSshd(patient, diagnosis);
  ExaminePam(patient, diagnosis);
  return diagnosis;
}

void ExamineEnforcer(const Patient& patient, Diagnosis& diagnosis) {
  if (!patient.status) {
    diagnosis.Add("enforcer", false, patient.status.error().Text(), "systemctl restart curfew-enforcer");
    return;
  }
  const HostStatus& status = *patient.status;
  diagnosis.Add("enforcer", true, "answers");
  diagnosis.Add("enrolled", status.enrolled, status.enrolled ? status.host_id : "this host has not joined",
                "curfew-agent join --controller URL --token-file FILE");
  diagnosis.Add("link", status.link, status.link ? "connected to the controller" : "not connected to the controller",
                "journalctl -u curfew-link");
  for (const auto& alarm : status.alarms)
    diagnosis.Add("alarm", false, Escaped(alarm), "journalctl -u curfew-enforcer");
  ExamineClock(status, diagnosis);
}

void ExamineSystem(const Patient& patient, Diagnosis& diagnosis) {
  bool enforcer = false;
  bool timer = false;
  bool ignored = false;
  ExamineUnit("curfew-enforcer.service", enforcer, diagnosis);
  ExamineUnit("curfew-reaper.timer", timer, diagnosis);
  ExamineUnit("curfew-gate.socket", ignored, diagnosis);
  ExamineUnit("curfew-link.service", ignored, diagnosis);
  diagnosis.layers.timer = enforcer && patient.status.has_value();
  diagnosis.layers.reaper = timer;
  diagnosis.layers.tmpfs = IsTmpfs(patient.paths.Run());
  diagnosis.Add("tmpfs", diagnosis.layers.tmpfs,
                patient.paths.Run() + (diagnosis.layers.tmpfs ? " goes with a reboot" : " survives a reboot"),
                "mount a tmpfs on /run");
}

}  // namespace curfew
