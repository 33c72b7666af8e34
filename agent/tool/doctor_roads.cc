// SPDX-License-Identifier: Apache-2.0
// Roads to root that do not ask Curfew: a managed account that has one needs no grant. Warnings by name; whose they are is
// the site's business, so nothing of it is red.
#include <grp.h>
#include <pwd.h>

#include <algorithm>

#include "agent/host_settings/said.h"
#include "agent/host_settings/sudoers_file.h"
#include "agent/tool/doctor.h"
#include "core/other_roads.h"
#include "os/directory.h"

namespace curfew {
namespace {

constexpr std::size_t kMostRules = std::size_t{256} << 10U;
constexpr std::size_t kMostNames = 1000;
constexpr int kMostGroups = 256;
constexpr const char* kPolkitFolders[] = {"/etc/polkit-1/rules.d", "/usr/share/polkit-1/rules.d",
                                          "/etc/polkit-1/localauthority.conf.d"};

std::vector<std::string> GroupsOf(const AccountName& account) {
  const passwd* user = ::getpwnam(account.Text().c_str());  // NOLINT(concurrency-mt-unsafe): one thread
  if (user == nullptr) return {};
  std::vector<gid_t> ids(kMostGroups);
  int count = kMostGroups;
  if (::getgrouplist(account.Text().c_str(), user->pw_gid, ids.data(), &count) < 0) count = kMostGroups;
  std::vector<std::string> names;
  for (int i = 0; i < count; ++i) {
    const group* one = ::getgrgid(ids[static_cast<std::size_t>(i)]);  // NOLINT(concurrency-mt-unsafe): one thread
    if (one != nullptr) names.emplace_back(one->gr_name);
  }
  return names;
}

std::vector<RuleFile> FilesIn(const std::string& path) {
  std::vector<RuleFile> files;
  const auto folder = Directory::Open(path);
  if (!folder) return files;
  const auto entries = folder->List(kMostNames);
  if (!entries) return files;
  for (const auto& entry : *entries) {
    const auto file = folder->Read(entry.name, kMostRules);
    if (file && *file) files.push_back(RuleFile{path + "/" + entry.name, (*file)->text});
  }
  return files;
}

std::vector<RuleFile> SudoersFiles(const Paths& paths) {
  std::vector<RuleFile> files = FilesIn(paths.root + "/etc/sudoers.d");
  std::erase_if(files, [](const RuleFile& file) {
    const std::string name = file.path.substr(file.path.rfind('/') + 1);
    return name.find('.') != std::string::npos || name.ends_with('~') || name == kSudoersName;
  });
  const auto tree = ReadTrustedFile(paths.root + "/etc/sudoers", kMostRules);
  if (tree) files.insert(files.begin(), RuleFile{"/etc/sudoers", *tree});
  return files;
}

}  // namespace

void ExamineOtherRoads(const Patient& patient, Diagnosis& diagnosis) {
  const auto sudoers = SudoersFiles(patient.paths);
  std::vector<RuleFile> polkit;
  for (const char* folder : kPolkitFolders) {
    const auto files = FilesIn(patient.paths.root + folder);
    polkit.insert(polkit.end(), files.begin(), files.end());
  }
  for (const auto& account : patient.managed) {
    for (const auto& road : OtherRoads(account, GroupsOf(account.name), sudoers, polkit)) {
      diagnosis.Add("account " + account.name.Text(), true, "WARNING: " + road);
    }
  }
}

}  // namespace curfew
