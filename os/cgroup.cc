// SPDX-License-Identifier: Apache-2.0
// Plain reads and writes below the cgroup2 mount, found in /proc/self/mountinfo.
#include "os/cgroup.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <memory>

#include "os/file_descriptor.h"
#include "os/system_error.h"
#include "os/text_file.h"

namespace curfew {
namespace {

constexpr std::size_t kMostProcesses = 100000;

struct CloseStream {
  void operator()(DIR* stream) const { ::closedir(stream); }
};

bool IsGone(const Error& error) { return error.code == Errc::kNotFound; }

Result<std::vector<std::string>> Directories(const std::string& path) {
  std::vector<std::string> names;
  const std::unique_ptr<DIR, CloseStream> stream(::opendir(path.c_str()));
  if (!stream) return SystemFailure(errno, "cannot open", path);
  for (;;) {
    errno = 0;
    const dirent* entry = ::readdir(stream.get());  // NOLINT(concurrency-mt-unsafe): a stream of our own
    if (entry == nullptr && errno != 0) return SystemFailure(errno, "cannot read", path);
    if (entry == nullptr) return names;
    const std::string name = static_cast<const char*>(entry->d_name);
    if (entry->d_type == DT_DIR && name != "." && name != "..") names.push_back(name);
  }
}

// A threaded group lists no processes of its own: those stand in the group that it is a part of.
bool IsThreaded(const std::string& path) {
  const auto type = ReadKernelFile(path + "/cgroup.type", 64);
  return type && type->starts_with("threaded");
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
  const auto events = Events(group);
  return events || !IsGone(events.error());
}

Result<CgroupEvents> CgroupTree::Events(const std::string& group) const {
  auto text = ReadKernelFile(EventsPath(group), 4096);
  if (!text) return Failure(text.error());
  return CgroupEvents{text->find("populated 1") != std::string::npos, text->find("frozen 1") != std::string::npos};
}

Result<void> CgroupTree::Collect(const std::string& path, std::vector<pid_t>& processes) const {
  const auto text = ReadKernelFile(path + "/cgroup.procs", std::size_t{2} << 20U);
  if (!text && !IsGone(text.error()) && !IsThreaded(path)) return Failure(text.error());
  for (const std::string_view line : SplitText(text ? std::string_view(*text) : std::string_view(), '\n')) {
    const long long pid = ToNumber(line);
    if (pid > 0) processes.push_back(static_cast<pid_t>(pid));
  }
  if (processes.size() > kMostProcesses) return Fail(Errc::kOutOfRange, "holds more processes than are looked at", path);
  const auto below = Directories(path);
  if (!below) return IsGone(below.error()) ? Result<void>{} : Failure(below.error());
  for (const auto& child : *below) {
    if (auto collected = Collect(path + "/" + child, processes); !collected) return collected;
  }
  return {};
}

Result<std::vector<pid_t>> CgroupTree::Processes(const std::string& group) const {
  if (!Exists(group)) return Fail(Errc::kNotFound, "no such control group", group);
  std::vector<pid_t> processes;
  if (auto collected = Collect(mount_ + "/" + group, processes); !collected) return Failure(collected.error());
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

bool CgroupTree::AwaitFrozen(const std::string& group, Millis limit) const {
  const std::string path = EventsPath(group);
  const FileDescriptor events(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  const auto end = std::chrono::steady_clock::now() + limit;
  std::array<char, 256> text{};
  while (events.IsOpen()) {
    const ssize_t got = ::pread(events.Get(), text.data(), text.size(), 0);
    if (got <= 0) return false;
    if (std::string_view(text.data(), static_cast<std::size_t>(got)).find("frozen 1") != std::string_view::npos) return true;
    const auto left = std::chrono::duration_cast<Millis>(end - std::chrono::steady_clock::now());
    // The kernel wakes readers of this file by POLLPRI.
    pollfd changed{events.Get(), POLLPRI, 0};
    if (left <= Millis{0} || ::poll(&changed, 1, static_cast<int>(left.count())) <= 0) return false;
  }
  return false;
}

Result<std::vector<std::string>> CgroupTree::Children(const std::string& group, const std::string& suffix) const {
  auto names = Directories(mount_ + "/" + group);
  if (!names) return IsGone(names.error()) ? Result<std::vector<std::string>>{} : std::move(names);
  std::erase_if(*names, [&](const std::string& name) { return !name.ends_with(suffix); });
  return names;
}

}  // namespace curfew
