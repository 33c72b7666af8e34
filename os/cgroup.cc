// SPDX-License-Identifier: Apache-2.0
// Plain reads and writes below the cgroup2 mount, found in /proc/self/mountinfo.
#include "os/cgroup.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "os/file_descriptor.h"
#include "os/system_error.h"
#include "os/text_file.h"

namespace curfew {
namespace {

constexpr std::size_t kMostProcesses = 100000;
constexpr int kDeepest = 16;

struct CloseStream {
  void operator()(DIR* stream) const { ::closedir(stream); }
};

std::vector<std::string> Directories(const std::string& path) {
  std::vector<std::string> names;
  const std::unique_ptr<DIR, CloseStream> stream(::opendir(path.c_str()));
  if (!stream) return names;
  while (const dirent* entry = ::readdir(stream.get())) {  // NOLINT(concurrency-mt-unsafe): a stream of our own
    const std::string name = static_cast<const char*>(entry->d_name);
    if (entry->d_type == DT_DIR && name != "." && name != "..") names.push_back(name);
  }
  return names;
}

}  // namespace

Result<CgroupTree> CgroupTree::Find() {
  auto mounts = ReadKernelFile("/proc/self/mountinfo", std::size_t{1} << 20U);
  if (!mounts) return Failure(mounts.error());
  for (const std::string_view line : SplitText(*mounts, '\n')) {
    if (line.find(" - cgroup2 ") == std::string_view::npos) continue;
    const auto fields = SplitText(line, ' ');
    if (fields.size() > 4) return CgroupTree(std::string(fields[4]));
  }
  return Fail(Errc::kNotFound, "no cgroup version 2 is mounted", "/proc/self/mountinfo",
              "boot with systemd.unified_cgroup_hierarchy=1");
}

bool CgroupTree::Exists(const std::string& group) const {
  return ::access(EventsPath(group).c_str(), F_OK) == 0;
}

Result<CgroupEvents> CgroupTree::Events(const std::string& group) const {
  auto text = ReadKernelFile(EventsPath(group), 4096);
  if (!text) return Failure(text.error());
  return CgroupEvents{text->find("populated 1") != std::string::npos, text->find("frozen 1") != std::string::npos};
}

void CgroupTree::Collect(const std::string& path, int depth, std::vector<pid_t>& processes) const {
  if (auto text = ReadKernelFile(path + "/cgroup.procs", std::size_t{2} << 20U)) {
    for (const std::string_view line : SplitText(*text, '\n')) {
      const long long pid = ToNumber(line);
      if (pid > 0 && processes.size() < kMostProcesses) processes.push_back(static_cast<pid_t>(pid));
    }
  }
  if (depth == kDeepest) return;
  for (const auto& child : Directories(path)) Collect(path + "/" + child, depth + 1, processes);
}

Result<std::vector<pid_t>> CgroupTree::Processes(const std::string& group) const {
  if (!Exists(group)) return Fail(Errc::kNotFound, "no such control group", group);
  std::vector<pid_t> processes;
  Collect(mount_ + "/" + group, 0, processes);
  return processes;
}

Result<void> CgroupTree::Write(const std::string& group, const char* file, const char* value) const {
  const std::string path = mount_ + "/" + group + "/" + file;
  const FileDescriptor target(::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!target.IsOpen()) return SystemFailure(errno, "cannot open", path);
  if (::write(target.Get(), value, std::strlen(value)) < 0) return SystemFailure(errno, "cannot write", path);
  return {};
}

Result<void> CgroupTree::Kill(const std::string& group) const { return Write(group, "cgroup.kill", "1"); }

Result<void> CgroupTree::SetFrozen(const std::string& group, bool frozen) const {
  return Write(group, "cgroup.freeze", frozen ? "1" : "0");
}

std::vector<std::string> CgroupTree::Children(const std::string& group, const std::string& suffix) const {
  std::vector<std::string> names;
  for (auto& name : Directories(mount_ + "/" + group)) {
    if (name.ends_with(suffix)) names.push_back(std::move(name));
  }
  return names;
}

}  // namespace curfew
