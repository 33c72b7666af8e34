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

#include <algorithm>
#include <array>
#include <cerrno>
#include <set>
#include <sstream>
#include <utility>
#include <vector>

#include "agent/reaper/place.h"

namespace curfew {

namespace {

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
  std::uint64_t started = 0;       ///< clock ticks after boot
  std::string group;
  std::string name;        ///< as it calls itself
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

// The 22nd field; the name before the 3rd is in parentheses and may hold any byte.
std::uint64_t StartOf(const std::string& stat) {
  std::istringstream fields(stat.substr(std::min(stat.size(), stat.rfind(')') + 2)));
  std::uint64_t started = 0;
  std::string field;
  for (int number = 3; number < 22; ++number) fields >> field;
  fields >> started;
  return started;
}

// Nothing, and errno, for one that is gone or cannot be read.
std::optional<Process> ReadProcess(const std::string& place) {
  const auto status = ReadSmall(AT_FDCWD, place + "/status");
  const auto stat = status ? ReadSmall(AT_FDCWD, place + "/stat") : std::nullopt;
  const auto group = stat ? GroupOf(place) : std::nullopt;
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
  process.started = StartOf(*stat);
  process.group = *group;
  After(*status, "Name:") >> process.name;
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

// Two files of each process decide about nearly all of them: there may be a line for every account.
bool Concerns(const Session& session, std::uint32_t login, const std::optional<std::string>& group) {
  if (session.login && session.own) return false;
  return session.account ? login == session.uid : !group || IsBelow(*group, session.scope);
}

enum class Fate { kLives, kEnds, kUnclear };

Fate FateOf(const Session& session, const Process& process) {
  const bool here = session.account || IsBelow(process.group, session.scope);
  if (session.login) return here && RunsAs(process, session.uid) ? Fate::kEnds : Fate::kLives;
  if (!here || RunsOnlyAs(process, session.uid) || IsDoor(process)) return Fate::kLives;
  if (!session.account && session.own) return Fate::kEnds;
  if (process.login == session.uid && !process.nested) return Fate::kEnds;
  if (session.strange_since == 0 || process.started < session.strange_since) return Fate::kLives;
  if (process.login == kNoLogin && !process.nested && !session.among_logins) return Fate::kEnds;
  // What carries another's login may be that person's own.
  return process.uids[0] == process.login ? Fate::kLives : Fate::kUnclear;
}

/// One look at all that is past.
struct Look {
  std::vector<Session>& past;
  std::vector<bool> left;         ///< of which there was something, or something that cannot be told
  std::vector<Descriptor> dying;
  std::vector<Descriptor> emptying;
};

void EndProcess(Look& look, const std::string& pid, bool leads) {
  const std::string place = "/proc/" + pid;
  const auto login = LoginOf(place);
  const auto group = GroupOf(place);
  if (!group && IsGone()) return;
  const auto concerned = [&](const Session& session) { return Concerns(session, login, group) && (session.login || !leads); };
  if (std::none_of(look.past.begin(), look.past.end(), concerned)) return;
  Descriptor process(static_cast<int>(syscall(SYS_pidfd_open, std::stoi(pid), 0)));
  const auto facts = process ? ReadProcess(place) : std::nullopt;
  if (!facts && IsGone()) return;
  bool ends = false;
  for (std::size_t i = 0; i < look.past.size(); ++i) {
    if (!concerned(look.past[i])) continue;
    const Fate fate = facts ? FateOf(look.past[i], *facts) : Fate::kUnclear;
    if (fate != Fate::kLives) look.left[i] = true;
    ends = ends || fate == Fate::kEnds;
  }
  if (!ends) return;
  syscall(SYS_pidfd_send_signal, process.Get(), SIGKILL, nullptr, 0);
  look.dying.push_back(std::move(process));
}

void EndProcesses(int root, Look& look) {
  const std::set<std::string> leaders = Leaders(root);
  const Descriptor proc(open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  // Where not even PID 1 shows, nothing can be said of anything.
  if (!proc || faccessat(proc.Get(), "1/stat", F_OK, 0) != 0) {
    look.left.assign(look.past.size(), true);
    return;
  }
  for (const std::string& pid : NamesIn(proc)) {
    if (pid.find_first_not_of("0123456789") == std::string::npos) EndProcess(look, pid, leaders.contains(pid));
  }
}

// sshd without pam_systemd, whose sessions are all in its own group; cron. Nothing counts that the account can start without root.
bool LetsPeopleIn(const Process& process, const Session& session) {
  if (!IsBelow(process.group, session.scope) || RunsAs(process, session.uid)) return false;
  if (process.name.starts_with("sshd") && RunsOnlyAs(process, 0)) return true;
  const std::string parent = "/proc/" + std::to_string(process.parent);
  return process.login != kNoLogin && LoginOf(parent) != process.login && IsBelow(GroupOf(parent).value_or(""), session.scope);
}

bool KeepsLogins() { return !ReadSmall(AT_FDCWD, "/proc/self/loginuid").value_or("").empty(); }

void FindLogins(std::vector<Session>& past) {
  std::vector<Session*> asked;
  for (Session& session : past) {
    session.among_logins = session.among_logins || !KeepsLogins();
    if (session.strange_since != 0 && !session.among_logins) asked.push_back(&session);
  }
  const Descriptor proc(open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (asked.empty() || !proc) return;
  for (const std::string& pid : NamesIn(proc)) {
    const auto process = pid.find_first_not_of("0123456789") == std::string::npos ? ReadProcess("/proc/" + pid) : std::nullopt;
    for (Session* session : asked) session->among_logins = session->among_logins || (process && LetsPeopleIn(*process, *session));
  }
}

// True when nothing lives in it.
bool EndGroup(int root, const Session& session, std::vector<Descriptor>& emptying) {
  const std::size_t leaf = session.scope.rfind('/');
  const Descriptor slice = OpenPlace(root, "sys/fs/cgroup/" + session.scope.substr(0, leaf));
  if (!slice) return IsGone();
  // Not OpenPlace: systemd gives the directory of user@<uid>.service to the user. cgroupfs has no links.
  const Descriptor cgroup(openat(slice.Get(), session.scope.c_str() + leaf + 1, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!cgroup) return IsGone();
  Descriptor events(openat(cgroup.Get(), "cgroup.events", O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!events) return IsGone();
  std::array<char, 256> text{};
  const ssize_t got = pread(events.Get(), text.data(), text.size(), 0);
  if (got < 0) return IsGone();
  if (std::string_view(text.data(), static_cast<std::size_t>(got)).find("populated 0") != std::string_view::npos) return true;
  const Descriptor kill(openat(cgroup.Get(), "cgroup.kill", O_WRONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!kill || write(kill.Get(), "1", 1) != 1) return IsGone();
  emptying.push_back(std::move(events));
  return false;
}

// One wait for all of them: what does not die holds up nobody else's end. The kernel wakes readers of cgroup.events by POLLPRI.
void AwaitAll(const Look& look) {
  int left = kDyingMs;
  const auto await = [&left](const Descriptor& one, short what) {
    pollfd ended{one.Get(), what, 0};
    if (poll(&ended, 1, left) == 0) left = 0;
  };
  for (const Descriptor& process : look.dying) await(process, POLLIN);
  for (const Descriptor& group : look.emptying) await(group, POLLPRI);
}

}  // namespace

void EndSessions(int root, std::vector<Session>& past, const std::function<void()>& fewer) {
  FindLogins(past);
  for (int round = 0; round < kRounds && !past.empty(); ++round) {
    Look look{past, std::vector<bool>(past.size()), {}, {}};
    for (std::size_t i = 0; i < past.size(); ++i) {
      if (past[i].login && past[i].own) look.left[i] = !EndGroup(root, past[i], look.emptying);
    }
    EndProcesses(root, look);
    AwaitAll(look);
    std::vector<Session> still;
    for (std::size_t i = 0; i < past.size(); ++i) {
      if (look.left[i]) still.push_back(std::move(past[i]));
    }
    const bool some = still.size() < look.left.size();
    past = std::move(still);
    if (some) fewer();
  }
}

}  // namespace curfew
