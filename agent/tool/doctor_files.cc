// SPDX-License-Identifier: Apache-2.0
// sshd and sudo refuse, silently, files that others could have written or that a reader cannot reach: what looks
// granted would then not be. So modes are compared exactly, and links are never followed.
#include <grp.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "agent/tool/doctor.h"
#include "os/directory.h"
#include "os/users.h"

namespace curfew {
namespace {

constexpr const char* kMissing = "is missing";

struct Expected {
  std::string path;
  mode_t type = S_IFREG;
  mode_t mode = 0644;
  uid_t owner = 0;
  bool needed = true;
};

std::string Octal(mode_t mode) {
  std::string text = "0000";
  for (int digit = 3; digit >= 0; --digit, mode >>= 3U)
    text[static_cast<std::size_t>(digit)] = static_cast<char>('0' + (mode & 7U));
  return text;
}

/// What is wrong with it; empty when nothing is.
std::string FlawOf(const Expected& expected) {
  struct stat seen {};
  if (::lstat(expected.path.c_str(), &seen) != 0) {
    if (errno == ENOENT && !expected.needed) return {};
    return errno == ENOENT ? kMissing : std::strerror(errno);  // NOLINT(concurrency-mt-unsafe): one thread
  }
  if ((seen.st_mode & S_IFMT) != expected.type)
    return S_ISLNK(seen.st_mode) ? "is a symbolic link" : "is of another type";
  if (seen.st_uid != expected.owner) return "is owned by uid " + std::to_string(seen.st_uid);
  const mode_t mode = seen.st_mode & 07777U;
  if (mode != expected.mode) return "has mode " + Octal(mode) + ", not " + Octal(expected.mode);
  if (S_ISREG(seen.st_mode) && seen.st_nlink != 1) return "has " + std::to_string(seen.st_nlink) + " names";
  return {};
}

std::string FixOf(const Expected& expected, bool missing) {
  if (missing)
    return expected.type == S_IFDIR ? "systemd-tmpfiles --create curfew.conf" : "systemctl restart curfew-enforcer";
  return "chown " + std::to_string(expected.owner) + " and chmod " + Octal(expected.mode) + " " + expected.path +
         "; who else could write there?";
}

std::vector<Expected> Folders(const Paths& paths, uid_t link_user) {
  std::vector<Expected> all;
  for (const auto& path : {paths.Run(), paths.Run() + "/" + kRulesFolder, paths.Run() + "/" + kKeysFolder,
                           paths.Run() + "/" + kBannerFolder, paths.Durable(), paths.Config()}) {
    all.push_back({path, S_IFDIR, 0755});
  }
  all.push_back({paths.State(), S_IFDIR, 0700});
  all.push_back({paths.root + "/var/lib/curfew-link", S_IFDIR, 0700, link_user});
  return all;
}

std::vector<Expected> Files(const Patient& patient, uid_t link_user) {
  const Paths& paths = patient.paths;
  const bool joined = patient.status && patient.status->enrolled;
  std::vector<Expected> all{{paths.TrustedRoot(), S_IFREG, 0644, 0, joined},
                            {paths.Config() + "/agent.toml", S_IFREG, 0644, 0, joined},
                            {paths.State() + "/identity.key", S_IFREG, 0600, 0, joined},
                            {paths.AuditKey(), S_IFREG, 0600, 0, joined},
                            {paths.Durable() + "/" + kManagedFile, S_IFREG, 0644, 0, !patient.managed.empty()},
                            {paths.Run() + "/" + kRulesFolder + "/" + kRulesFile, S_IFREG, 0440, 0, false},
                            {paths.root + "/var/lib/curfew-link/link.pem", S_IFREG, 0600, link_user, joined},
                            {paths.GateSocket(), S_IFSOCK, 0600}};
  for (const auto& account : patient.managed) {
    if (!account.gate.login) continue;
    all.push_back({paths.Run() + "/" + kKeysFolder + "/" + account.name.Text(), S_IFREG, 0644, 0, false});
  }
  return all;
}

/// Every folder from the root on is root's and nobody else can write there.
void ExamineWayTo(const std::string& path, Diagnosis& diagnosis) {
  const auto opened = Directory::Open(path);
  if (opened || opened.error().code == Errc::kNotFound) return;
  diagnosis.Add("way to " + path, false, opened.error().Text(), "chown root and chmod go-w it");
}

}  // namespace

void ExamineFiles(const Patient& patient, Diagnosis& diagnosis) {
  const auto link_user = LookUpUser("curfew");
  const bool known = link_user && link_user->has_value();
  if (!known) diagnosis.Add("user curfew", false, "no such user", "systemd-sysusers curfew.conf");
  const uid_t owner = known ? **link_user : 0;
  auto all = Folders(patient.paths, owner);
  const auto files = Files(patient, owner);
  all.insert(all.end(), files.begin(), files.end());
  std::size_t sound = 0;
  for (const auto& expected : all) {
    const std::string flaw = FlawOf(expected);
    if (flaw.empty()) {
      ++sound;
    } else {
      diagnosis.Add(expected.path, false, flaw, FixOf(expected, flaw == kMissing));
    }
  }
  for (const auto& path : {patient.paths.Run() + "/" + kRulesFolder, patient.paths.Run() + "/" + kKeysFolder,
                           patient.paths.State(), patient.paths.Config()}) {
    ExamineWayTo(path, diagnosis);
  }
  if (sound == all.size()) diagnosis.Add("files", true, std::to_string(sound) + " places as they should be");
}

}  // namespace curfew
