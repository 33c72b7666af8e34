// SPDX-License-Identifier: Apache-2.0
// See cgroup.h. MUST: signal through a pidfd whose process was looked at after it was opened (a pid may be another's by
// then), and thaw whatever was frozen.
#include "agent/reaper/cgroup.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <sstream>

#include "agent/reaper/place.h"

namespace curfew {

namespace {

constexpr int kWaitMs = 1000;
constexpr int kRounds = 5;

std::string ReadSmall(const Descriptor& directory, const char* name) {
  const Descriptor file(openat(directory.Get(), name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  std::string text;
  std::array<char, 4096> chunk{};
  while (file && text.size() < (1U << 20)) {
    const ssize_t got = read(file.Get(), chunk.data(), chunk.size());
    if (got <= 0) break;
    text.append(chunk.data(), static_cast<std::size_t>(got));
  }
  return text;
}

bool WriteSmall(const Descriptor& directory, const char* name, std::string_view text) {
  const Descriptor file(openat(directory.Get(), name, O_WRONLY | O_NOFOLLOW | O_CLOEXEC));
  return file && write(file.Get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

// Waits until cgroup.events holds `line`; the kernel wakes its readers by POLLPRI.
bool WaitForEvent(const Descriptor& cgroup, std::string_view line) {
  const Descriptor events(openat(cgroup.Get(), "cgroup.events", O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  std::array<char, 256> text{};
  while (events) {
    const ssize_t got = pread(events.Get(), text.data(), text.size(), 0);
    if (got <= 0) return errno == ENODEV;  // removed meanwhile: empty
    if (std::string_view(text.data(), static_cast<std::size_t>(got)).find(line) != std::string_view::npos) return true;
    pollfd changed{events.Get(), POLLPRI, 0};
    if (poll(&changed, 1, kWaitMs) <= 0) return false;
  }
  return errno == ENOENT;
}

// The process that logind knows as the session's own: sshd's monitor or login(1). It is root, and is the connection.
std::string LeaderOf(int root, const Session& session) {
  const Descriptor sessions = OpenPlace(root, "run/systemd/sessions");
  if (session.logind_id.empty() || !sessions) return "";
  std::istringstream lines(ReadSmall(sessions, session.logind_id.c_str()));
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("LEADER=")) return line.substr(7);
  }
  return "";
}

// True when the process runs, really or in effect, as somebody else than `uid`. /proc is the kernel's: not below root.
bool RunsAsAnother(const std::string& pid, std::uint32_t uid) {
  const Descriptor process(open(("/proc/" + pid).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!process) return false;
  std::istringstream lines(ReadSmall(process, "status"));
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("State:\tZ") || line.starts_with("State:\tX")) return false;
    if (!line.starts_with("Uid:")) continue;
    std::istringstream fields(line.substr(4));
    std::uint32_t real = uid;
    std::uint32_t effective = uid;
    return fields >> real >> effective && (real != uid || effective != uid);
  }
  return false;
}

// Kills those of the scope's processes that are another's; true when there was one.
bool KillOthers(const Descriptor& cgroup, const Session& session, const std::string& leader) {
  bool found = false;
  std::istringstream pids(ReadSmall(cgroup, "cgroup.procs"));
  for (std::string pid; std::getline(pids, pid);) {
    if (pid == leader || pid.find_first_not_of("0123456789") != std::string::npos) continue;
    const Descriptor process(static_cast<int>(syscall(SYS_pidfd_open, std::stoi(pid), 0)));
    const bool still_here = ("\n" + ReadSmall(cgroup, "cgroup.procs")).find("\n" + pid + "\n") != std::string::npos;
    if (!process || !still_here || !RunsAsAnother(pid, session.uid)) continue;
    found = true;
    syscall(SYS_pidfd_send_signal, process.Get(), SIGKILL, nullptr, 0);
    pollfd gone{process.Get(), POLLIN, 0};
    poll(&gone, 1, kWaitMs);
  }
  return found;
}

// Freezes a cgroup for as long as it lives, so that nothing in it can fork away from a round of signals.
class Freeze {
 public:
  explicit Freeze(const Descriptor& cgroup) : cgroup_(cgroup) {
    if (WriteSmall(cgroup_, "cgroup.freeze", "1")) WaitForEvent(cgroup_, "frozen 1");
  }
  ~Freeze() { WriteSmall(cgroup_, "cgroup.freeze", "0"); }
  Freeze(const Freeze&) = delete;
  Freeze& operator=(const Freeze&) = delete;

 private:
  const Descriptor& cgroup_;
};

bool EndOthers(int root, const Descriptor& cgroup, const Session& session) {
  const std::string leader = LeaderOf(root, session);
  const Freeze freeze(cgroup);
  for (int round = 0; round < kRounds; ++round) {
    if (!KillOthers(cgroup, session, leader)) return true;
  }
  return false;
}

}  // namespace

bool EndSession(int root, const Session& session) {
  const std::size_t leaf = session.scope.rfind('/');
  const Descriptor slice = OpenPlace(root, "sys/fs/cgroup/" + session.scope.substr(0, leaf));
  if (!slice) return errno == ENOENT;
  // Not OpenPlace: systemd gives the directory of user@<uid>.service to the user. cgroupfs has no links.
  const Descriptor cgroup(openat(slice.Get(), session.scope.c_str() + leaf + 1, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!cgroup) return errno == ENOENT;
  if (!session.whole) return EndOthers(root, cgroup, session);
  return WriteSmall(cgroup, "cgroup.kill", "1") && WaitForEvent(cgroup, "populated 0");
}

}  // namespace curfew
