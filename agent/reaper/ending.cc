// SPDX-License-Identifier: Apache-2.0
// Which process ends is core/fate's rule. MUST: kill a control group whole only where it is the account's own; signal else through
// a pidfd whose process was looked at after it was opened; take only ENOENT, ENODEV and ESRCH for "gone".
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
#include <map>
#include <set>
#include <sstream>
#include <utility>
#include <vector>

#include "agent/reaper/place.h"
#include "core/fate.h"

namespace curfew {

namespace {

constexpr int kDyingMs = 200;
constexpr int kRounds = 5;

bool IsGone() { return errno == ENOENT || errno == ENODEV || errno == ESRCH; }

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

std::string PlaceOf(Pid pid) { return "/proc/" + std::to_string(pid); }

std::uint32_t LoginOf(Pid pid) {
  std::uint32_t login = kNoLogin;
  std::istringstream(ReadSmall(AT_FDCWD, PlaceOf(pid) + "/loginuid").value_or("")) >> login;
  return login;
}

// Its group of version 2; nothing, and errno, for one that is gone or cannot be read.
std::optional<std::string> GroupOf(Pid pid) {
  const auto text = ReadSmall(AT_FDCWD, PlaceOf(pid) + "/cgroup");
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
std::optional<ProcessFacts> ReadProcess(Pid pid) {
  const std::string place = PlaceOf(pid);
  const auto status = ReadSmall(AT_FDCWD, place + "/status");
  const auto stat = status ? ReadSmall(AT_FDCWD, place + "/stat") : std::nullopt;
  if (!stat) return std::nullopt;
  std::string state;
  unsigned threads = 0;
  After(*status, "State:") >> state;
  After(*status, "Threads:") >> threads;
  errno = ESRCH;
  // A first thread that has ended shows Z as well, while others of the process go on.
  if ((state == "Z" || state == "X") && threads <= 1) return std::nullopt;
  ProcessFacts process;
  process.pid = pid;
  After(*status, "PPid:") >> process.parent;
  After(*status, "Uid:") >> process.real >> process.effective >> process.saved >> process.filesystem;
  std::string own;
  std::string inner;
  process.nested = static_cast<bool>(After(*status, "NSpid:") >> own >> inner);
  process.login = LoginOf(pid);
  process.started = StartOf(*stat);
  After(*status, "Name:") >> process.command;
  return process;
}

// What logind knows as the sessions' own processes: sshd's monitor, login(1). They are root, and are the connection.
std::set<Pid> Leaders(int root) {
  std::set<Pid> leaders;
  const Descriptor sessions = OpenPlace(root, "run/systemd/sessions");
  if (!sessions) return leaders;
  for (const std::string& name : NamesIn(sessions)) {
    Pid leader = 0;
    if (After(ReadSmall(sessions.Get(), name).value_or(""), "LEADER=") >> leader) leaders.insert(leader);
  }
  return leaders;
}

bool IsBelow(const std::string& group, const std::string& scope) { return (group + "/").starts_with(scope + "/"); }

// Two files of each process decide about nearly all of them: there may be a line for every account.
bool Concerns(const Session& session, std::uint32_t login, const std::optional<std::string>& group) {
  if (session.login && session.own) return false;
  return session.account ? login == session.uid : !group || IsBelow(*group, session.scope);
}

/// A process that some session may concern; without facts, one that cannot be looked at.
struct Seen {
  Pid pid = 0;
  std::uint32_t login = kNoLogin;
  std::optional<std::string> group;
  std::optional<ProcessFacts> facts;
};

/// One walk over all that is past.
struct Walk {
  std::vector<Session>& past;
  std::vector<bool> left;         ///< of which there was something, or something that cannot be told
  std::vector<Descriptor> dying;
  std::vector<Descriptor> emptying;
};

std::vector<Seen> SeeProcesses(const Descriptor& proc, const std::vector<Session>& past) {
  std::vector<Seen> all;
  for (const std::string& name : NamesIn(proc)) {
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    Seen seen;
    seen.pid = std::stoi(name);
    seen.login = LoginOf(seen.pid);
    seen.group = GroupOf(seen.pid);
    if (!seen.group && IsGone()) continue;
    const auto concerned = [&](const Session& session) { return Concerns(session, seen.login, seen.group); };
    if (std::none_of(past.begin(), past.end(), concerned)) continue;
    seen.facts = ReadProcess(seen.pid);
    if (seen.facts || !IsGone()) all.push_back(std::move(seen));
  }
  return all;
}

// A pid may be another's by now.
void EndProcess(const ProcessFacts& process, std::vector<Descriptor>& dying) {
  Descriptor open(static_cast<int>(syscall(SYS_pidfd_open, process.pid, 0)));
  const auto now = open ? ReadProcess(process.pid) : std::nullopt;
  if (!now || now->started != process.started) return;
  syscall(SYS_pidfd_send_signal, open.Get(), SIGKILL, nullptr, 0);
  dying.push_back(std::move(open));
}

bool KeepsLogins() { return !ReadSmall(AT_FDCWD, "/proc/self/loginuid").value_or("").empty(); }

std::map<Pid, Fate> FatesFor(const Session& session, const std::vector<ProcessFacts>& inside, const std::set<Pid>& stays) {
  std::map<Pid, Fate> fates;
  for (const auto& process : inside) {
    if (session.account && IsRaised(process, session.uid) && !stays.contains(process.pid)) fates.emplace(process.pid, Fate::kEnds);
  }
  if (session.account) return fates;
  const bool among_logins = session.among_logins || !KeepsLogins() || LetsPeopleIn(inside, session.uid);
  return FatesIn({session.uid, session.login, session.own, session.strange_since, among_logins}, inside, stays);
}

// False where something is left of the session.
bool EndIn(const Session& session, const std::vector<Seen>& all, const std::set<Pid>& leaders, std::map<Pid, ProcessFacts>& ends) {
  std::vector<ProcessFacts> inside;
  std::set<Pid> stays = leaders;
  bool over = true;
  for (const Seen& seen : all) {
    if (!Concerns(session, seen.login, seen.group)) continue;
    if (seen.facts && seen.group) {
      inside.push_back(*seen.facts);
      const auto parent = ReadProcess(seen.facts->parent);
      if (parent && IsDoor(*seen.facts, parent->login)) stays.insert(seen.pid);
    } else {
      over = false;
    }
  }
  const auto fates = FatesFor(session, inside, stays);
  for (const auto& process : inside) {
    const auto fate = fates.find(process.pid);
    if (fate == fates.end() || fate->second == Fate::kLives) continue;
    over = false;
    if (fate->second == Fate::kEnds) ends.emplace(process.pid, process);
  }
  return over;
}

void EndProcesses(int root, Walk& walk) {
  const Descriptor proc(open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  // Where not even PID 1 shows, nothing can be said of anything.
  if (!proc || faccessat(proc.Get(), "1/stat", F_OK, 0) != 0) {
    walk.left.assign(walk.past.size(), true);
    return;
  }
  const std::set<Pid> leaders = Leaders(root);
  const std::vector<Seen> all = SeeProcesses(proc, walk.past);
  std::map<Pid, ProcessFacts> ends;
  for (std::size_t i = 0; i < walk.past.size(); ++i) {
    if (!EndIn(walk.past[i], all, leaders, ends)) walk.left[i] = true;
  }
  for (const auto& [pid, process] : ends) EndProcess(process, walk.dying);
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
void AwaitAll(const Walk& walk) {
  int left = kDyingMs;
  const auto await = [&left](const Descriptor& one, short what) {
    pollfd ended{one.Get(), what, 0};
    if (poll(&ended, 1, left) == 0) left = 0;
  };
  for (const Descriptor& process : walk.dying) await(process, POLLIN);
  for (const Descriptor& group : walk.emptying) await(group, POLLPRI);
}

}  // namespace

void EndSessions(int root, std::vector<Session>& past, const std::function<void()>& fewer) {
  for (int round = 0; round < kRounds && !past.empty(); ++round) {
    Walk walk{past, std::vector<bool>(past.size()), {}, {}};
    for (std::size_t i = 0; i < past.size(); ++i) {
      if (past[i].login && past[i].own) walk.left[i] = !EndGroup(root, past[i], walk.emptying);
    }
    EndProcesses(root, walk);
    AwaitAll(walk);
    std::vector<Session> still;
    for (std::size_t i = 0; i < past.size(); ++i) {
      if (walk.left[i]) still.push_back(std::move(past[i]));
    }
    const bool some = still.size() < walk.left.size();
    past = std::move(still);
    if (some) fewer();
  }
}

}  // namespace curfew
