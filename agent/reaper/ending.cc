// SPDX-License-Identifier: Apache-2.0
// MUST: kill a control group whole only where it is the account's own; signal else through a pidfd whose process was looked at
// after it was opened (a pid may be another's by then); take only ENOENT, ENODEV and ESRCH for "gone".
#include "agent/reaper/ending.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <set>
#include <sstream>
#include <utility>
#include <vector>

#include "agent/reaper/place.h"

namespace curfew {

namespace {

constexpr int kWaitMs = 1000;
constexpr int kDyingMs = 200;
constexpr int kRounds = 5;
constexpr std::uint32_t kNoLogin = 0xffffffff;

bool IsGone() { return errno == ENOENT || errno == ENODEV || errno == ESRCH; }

/// What runs under a number, as /proc shows it.
struct Process {
  std::uint32_t parent = 0;
  std::array<std::uint32_t, 4> uids{};
  std::uint32_t login = kNoLogin;  ///< who logged in: kept across setuid, fork and any change of parent or group
  bool nested = false;             ///< a container's: its numbers are not this host's
  std::string group;
};

// Files only: logind keeps a FIFO beside each session's, whose reader would wait as long as somebody is logged in.
std::optional<std::string> ReadSmall(int directory, const std::string& name) {
  const Descriptor file(openat(directory, name.c_str(), O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC));
  struct stat status {};
  if (!file || fstat(file.Get(), &status) != 0) return std::nullopt;
  errno = EINVAL;
  if (!S_ISREG(status.st_mode)) return std::nullopt;
  std::string text;
  std::array<char, 4096> chunk{};
  while (text.size() < (1U << 20)) {
    const ssize_t got = read(file.Get(), chunk.data(), chunk.size());
    if (got < 0) return std::nullopt;
    if (got == 0) return text;
    text.append(chunk.data(), static_cast<std::size_t>(got));
  }
  return std::nullopt;
}

std::istringstream After(const std::string& text, const std::string& label) {
  const std::size_t at = ("\n" + text).find("\n" + label);
  return std::istringstream(at == std::string::npos ? "" : text.substr(at + label.size(), text.find('\n', at) - at - label.size()));
}

std::uint32_t LoginOf(const std::string& process) {
  std::uint32_t login = kNoLogin;
  std::istringstream(ReadSmall(AT_FDCWD, process + "/loginuid").value_or("")) >> login;
  return login;
}

// Its group of version 2; nothing, and errno, for one that is gone or cannot be read.
std::optional<std::string> GroupOf(const std::string& place) {
  const auto text = ReadSmall(AT_FDCWD, place + "/cgroup");
  if (!text) return std::nullopt;
  std::string group;
  std::getline(After(*text, "0::/"), group);
  return group;
}

// Nothing, and errno, for one that is gone or cannot be read.
std::optional<Process> ReadProcess(const std::string& place) {
  const auto status = ReadSmall(AT_FDCWD, place + "/status");
  const auto group = status ? GroupOf(place) : std::nullopt;
  if (!group) return std::nullopt;
  std::string state;
  unsigned threads = 0;
  After(*status, "State:") >> state;
  After(*status, "Threads:") >> threads;
  errno = ESRCH;
  // A first thread that has ended shows Z as well, while others of the process go on.
  if ((state == "Z" || state == "X") && threads <= 1) return std::nullopt;
  Process process;
  After(*status, "PPid:") >> process.parent;
  auto uids = After(*status, "Uid:");
  for (auto& uid : process.uids) uids >> uid;
  std::string own;
  std::string inner;
  process.nested = static_cast<bool>(After(*status, "NSpid:") >> own >> inner);
  process.login = LoginOf(place);
  process.group = *group;
  return process;
}

bool RunsAs(const Process& process, std::uint32_t uid) {
  for (const auto one : process.uids) {
    if (one == uid) return true;
  }
  return false;
}

bool RunsOnlyAs(const Process& process, std::uint32_t uid) { return process.uids == std::array{uid, uid, uid, uid}; }

// What logind knows as the sessions' own processes: sshd's monitor, login(1). They are root, and are the connection.
std::set<std::string> Leaders(int root) {
  std::set<std::string> leaders;
  const Descriptor sessions = OpenPlace(root, "run/systemd/sessions");
  if (!sessions) return leaders;
  for (const std::string& name : NamesIn(sessions)) {
    std::string leader;
    if (After(ReadSmall(sessions.Get(), name).value_or(""), "LEADER=") >> leader) leaders.insert(leader);
  }
  return leaders;
}

// cron's own child, at's, sshd's where there is no logind: it carries the login and is no part of it. PID 1 adopts, so being
// its child says nothing; sudo keeps the account as its real uid.
bool IsDoor(const Process& process) {
  return process.parent > 1 && process.login != kNoLogin && !RunsAs(process, process.login) &&
         LoginOf("/proc/" + std::to_string(process.parent)) != process.login;
}

bool IsBelow(const std::string& group, const std::string& scope) { return (group + "/").starts_with(scope + "/"); }

// One file of each process decides about nearly all of them: there may be a line for every account.
bool Concerns(const Session& session, const std::string& place) {
  if (session.account) return LoginOf(place) == session.uid;
  const auto group = GroupOf(place);
  return !group || IsBelow(*group, session.scope);
}

bool IsTarget(const Session& session, const Process& process) {
  const bool here = IsBelow(process.group, session.scope);
  if (session.login) return here && RunsAs(process, session.uid);
  if (RunsOnlyAs(process, session.uid) || IsDoor(process)) return false;
  const bool came_from_it = process.login == session.uid && !process.nested;
  return session.account ? came_from_it : here && (session.own || came_from_it);
}

// One round over all processes; true when there was something to end, or something that cannot be looked at.
bool EndTargets(int root, const Session& session) {
  const std::set<std::string> leaders = session.login ? std::set<std::string>{} : Leaders(root);
  const Descriptor proc(open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!proc) return true;
  bool found = false;
  std::vector<Descriptor> dying;
  for (const std::string& pid : NamesIn(proc)) {
    if (pid.find_first_not_of("0123456789") != std::string::npos || leaders.contains(pid)) continue;
    const std::string place = "/proc/" + pid;
    if (!Concerns(session, place)) continue;
    Descriptor process(static_cast<int>(syscall(SYS_pidfd_open, std::stoi(pid), 0)));
    const auto facts = process ? ReadProcess(place) : std::nullopt;
    if (!facts && IsGone()) continue;
    if (facts && !IsTarget(session, *facts)) continue;
    found = true;
    if (!facts) continue;
    syscall(SYS_pidfd_send_signal, process.Get(), SIGKILL, nullptr, 0);
    dying.push_back(std::move(process));
  }
  // One wait for all of them: what does not die holds up nobody else's end.
  int left = kDyingMs;
  for (const Descriptor& process : dying) {
    pollfd gone{process.Get(), POLLIN, 0};
    if (poll(&gone, 1, left) == 0) left = 0;
  }
  return found;
}

// Waits until cgroup.events says so; the kernel wakes its readers by POLLPRI.
bool AwaitEmpty(const Descriptor& cgroup) {
  const Descriptor events(openat(cgroup.Get(), "cgroup.events", O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!events) return IsGone();
  for (std::array<char, 256> text{};;) {
    const ssize_t got = pread(events.Get(), text.data(), text.size(), 0);
    if (got < 0) return IsGone();
    if (std::string_view(text.data(), static_cast<std::size_t>(got)).find("populated 0") != std::string_view::npos) return true;
    pollfd changed{events.Get(), POLLPRI, 0};
    if (poll(&changed, 1, kWaitMs) <= 0) return false;
  }
}

bool EndWhole(int root, const Session& session) {
  const std::size_t leaf = session.scope.rfind('/');
  const Descriptor slice = OpenPlace(root, "sys/fs/cgroup/" + session.scope.substr(0, leaf));
  if (!slice) return IsGone();
  // Not OpenPlace: systemd gives the directory of user@<uid>.service to the user. cgroupfs has no links.
  const Descriptor cgroup(openat(slice.Get(), session.scope.c_str() + leaf + 1, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!cgroup) return IsGone();
  const Descriptor kill(openat(cgroup.Get(), "cgroup.kill", O_WRONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!kill) return IsGone();
  return write(kill.Get(), "1", 1) == 1 ? AwaitEmpty(cgroup) : IsGone();
}

}  // namespace

bool EndSession(int root, const Session& session) {
  if (session.login && session.own) return EndWhole(root, session);
  for (int round = 0; round < kRounds; ++round) {
    if (!EndTargets(root, session)) return true;
  }
  return false;
}

}  // namespace curfew
