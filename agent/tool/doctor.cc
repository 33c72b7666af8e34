// SPDX-License-Identifier: Apache-2.0
// The round through all examinations: the enforcer's own word, then what the layers rest on, then everything beside them.
#include "agent/tool/doctor.h"

#include "agent/host_settings/host_look.h"
#include "agent/tool/own_name.h"
#include "agent/tool/setup.h"
#include "agent/tool/units.h"
#include "os/machine.h"

namespace curfew {
namespace {

constexpr Millis kClockTolerance{2000};

void ExamineClock(const HostStatus& status, Diagnosis& diagnosis) {
  const Instant now = ReadNow().utc;
  if (status.highest_time > now + kClockTolerance) {
    diagnosis.Add("clock", false, "behind the last signed time, " + Rfc3339(status.highest_time),
                  "set the clock (timedatectl); after a boot nothing is granted below that time until the controller is heard");
    return;
  }
  diagnosis.Add("clock", true, Rfc3339(now));
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
  ExamineLayers(patient, diagnosis);
  ExamineFiles(patient, diagnosis);
  ExamineOtherRoads(patient, diagnosis);
  ExamineNames(patient, diagnosis);
  ExamineProc(patient, diagnosis);
  return diagnosis;
}

void ExamineEnforcer(const Patient& patient, Diagnosis& diagnosis) {
  if (!patient.status) {
    diagnosis.Add("enforcer", false, patient.status.error().Text(), "systemctl restart curfew-enforcer");
    return;
  }
  const HostStatus& status = *patient.status;
  diagnosis.Add("enforcer", true, "answers");
  const auto joined = ReadJoined(patient.paths);
  const std::string name = joined ? joined->name.Text() + " at " + Escaped(joined->controller) + ", " : "";
  diagnosis.Add("enrolled", status.enrolled, status.enrolled ? name + status.host_id : "this host has not joined",
                "curfew-agent join --controller URL --token-file FILE");
  diagnosis.Add("link", status.link, status.link ? "connected to the controller" : "not connected to the controller",
                "journalctl -u curfew-link");
  for (const auto& alarm : status.alarms)
    diagnosis.Add("alarm", false, Escaped(alarm), "journalctl -u curfew-enforcer");
  ExamineClock(status, diagnosis);
}

void ExamineLayers(const Patient& patient, Diagnosis& diagnosis) {
  const std::string link = UnitState("curfew-link.service");
  diagnosis.Add("curfew-link.service", link == "active", link,
                ReadJoined(patient.paths) ? "systemctl enable --now curfew-link.service" : "curfew-agent join starts it");
  LayerFacts facts = HostLook(patient.paths).At(patient.managed);
  facts.enforcer = patient.status.has_value();
  for (const auto& check : ChecksOf(facts)) {
    const bool ok = check.flaw.empty() || !check.wrong;
    diagnosis.Add(check.name, ok, check.flaw.empty() ? check.detail : check.flaw, check.fix);
  }
  diagnosis.layers = LayersOf(facts);
  if (facts.sshd && facts.sshd->penalties) {
    diagnosis.Add("sshd penalties", true,
                  "WARNING: refusals ban an address, its admins included; name the bastion in PerSourcePenaltyExemptList");
  }
}

}  // namespace curfew
