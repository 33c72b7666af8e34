// SPDX-License-Identifier: Apache-2.0
// sshd asked for each managed account, for root and for one that is not ours.
#include "agent/tool/doctor.h"
#include "agent/tool/sshd_settings.h"
#include "os/directory.h"

namespace curfew {
namespace {

constexpr int kReadsUtc = 901;      // OpenSSH 9.1: expiry-time with Z
constexpr int kHasPenalties = 908;  // OpenSSH 9.8: PerSourcePenalties
constexpr std::size_t kMostBlock = std::size_t{256} << 10U;
constexpr const char* kSetup = "curfew-agent setup sshd";

bool ExamineManaged(const Sshd& sshd, const Gated& account, Diagnosis& diagnosis) {
  const std::string name = "sshd for " + account.name.Text();
  const auto settings = sshd.SettingsOf(account.name.Text());
  const std::string flaw = settings ? FlawOfManaged(*settings) : settings.error().Text();
  diagnosis.Add(name, flaw.empty(), flaw.empty() ? "only with a live grant" : flaw, kSetup);
  return flaw.empty();
}

void ExamineBystander(const Sshd& sshd, const std::string& account, Diagnosis& diagnosis) {
  const auto settings = sshd.SettingsOf(account);
  const std::string trace = settings ? TraceOfOurs(*settings) : settings.error().Text();
  diagnosis.Add("sshd for " + account, trace.empty(), trace.empty() ? "as if Curfew were not here" : trace,
                "curfew-agent setup sshd --undo, then set it up again");
}

void ExaminePenalties(const Sshd& sshd, Diagnosis& diagnosis) {
  const auto settings = sshd.SettingsOf("root");
  const bool exempt = settings && settings->contains("persourcepenaltyexemptlist") &&
                      settings->at("persourcepenaltyexemptlist") != "none";
  diagnosis.Add(
      "sshd penalties", true,
      exempt ? "some addresses are exempt"
             : "WARNING: refusals ban an address, its admins included; name the bastion in PerSourcePenaltyExemptList");
}

/// Its existence is the admin's yes; without it an account that becomes managed tomorrow would not be bound.
bool ExamineBlock(const Paths& paths, Diagnosis& diagnosis) {
  const std::string path = paths.SshdDropIns() + "/" + kSshdFile;
  const bool there = ReadTrustedFile(path, kMostBlock).has_value();
  diagnosis.Add("sshd block", there, path + (there ? "" : " is missing or can be written by others"), kSetup);
  return there;
}

bool ExamineConfig(const Sshd& sshd, Diagnosis& diagnosis) {
  const auto sound = sshd.Test();
  diagnosis.Add("sshd -t", sound.has_value(), sound ? sshd.VersionText() : sound.error().what,
                "mend sshd's configuration");
  return sound.has_value();
}

}  // namespace

void ExamineSshd(const Patient& patient, Diagnosis& diagnosis) {
  const auto sshd = Sshd::Find(patient.paths.SshdConfig());
  if (!sshd) {
    diagnosis.Add("sshd", true, "no sshd here, so no login by key");
    return;
  }
  const bool sound = ExamineConfig(*sshd, diagnosis);
  const bool block = ExamineBlock(patient.paths, diagnosis);
  std::vector<std::string> names;
  bool bound = true;
  for (const auto& account : patient.managed) {
    names.push_back(account.name.Text());
    if (account.gate.login) bound = ExamineManaged(*sshd, account, diagnosis) && bound;
  }
  ExamineBystander(*sshd, "root", diagnosis);
  ExamineBystander(*sshd, UnmanagedAccount(names), diagnosis);
  const int version = sshd->Version();
  if (version >= kHasPenalties) ExaminePenalties(*sshd, diagnosis);
  diagnosis.layers.native_key = sound && block && bound && version >= kReadsUtc;
}

}  // namespace curfew
