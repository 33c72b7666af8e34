// SPDX-License-Identifier: Apache-2.0
// curfew-reaper: one shot. Removes what is past the deadline written in it and ends sessions past theirs, with the enforcer
// dead or alive; with --all everything, whatever its deadline. Shares with it the rule of which process ends (core/fate), no
// more. MUST: end all it can when a part of it fails, give nothing, start nothing.
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <set>
#include <sstream>

#include "agent/reaper/ending.h"
#include "agent/reaper/past.h"
#include "agent/reaper/place.h"

namespace curfew {

namespace {

constexpr int kTries = 5;
constexpr std::int64_t kAfterEveryDeadline = INT64_MAX;
constexpr const char* kSessions = "sessions";
constexpr const char* kSessionsPath = "/run/curfew/sessions";

bool Report(const std::string& what, const std::string& where, const char* next) {
  const std::string line = "curfew-reaper: " + where + ": " + what + "; " + next + "\n";
  static_cast<void>(std::fputs(line.c_str(), stderr));
  return false;
}

// The enforcer holds the lock all its life: a second is for another reaper, and one that holds on must not hold up an end.
Descriptor LockForASecond(int root) {
  const Descriptor state = OpenPlace(root, "var/lib/curfew");
  Descriptor lock(state ? openat(state.Get(), "lock", O_RDONLY | O_NOFOLLOW | O_CLOEXEC) : -1);
  if (!lock) return lock;
  struct sigaction interrupt {};
  interrupt.sa_handler = [](int) {};
  sigaction(SIGALRM, &interrupt, nullptr);
  // Again each tenth: an alarm that comes before flock() waits would else be lost.
  const itimerval second{{0, 100'000}, {1, 0}};
  setitimer(ITIMER_REAL, &second, nullptr);
  flock(lock.Get(), LOCK_EX);
  const itimerval off{};
  setitimer(ITIMER_REAL, &off, nullptr);
  return lock;
}

// No deadline can be read in it, or none can be written: without the file there is no access.
bool Unlink(const Descriptor& directory, const std::string& name, const std::string& where) {
  if (unlinkat(directory.Get(), name.c_str(), 0) != 0) return Report(std::strerror(errno), where, "remove it by hand");
  return Report("cannot be read or rewritten, so removed", where, "curfew-enforcer writes again what is live");
}

bool ReapFile(const Descriptor& directory, const std::string& name, const std::string& where, unsigned mode, std::int64_t now) {
  for (int attempt = 0; attempt < kTries; ++attempt) {
    const auto text = ReadFile(directory, name);
    if (!text && errno == ENOENT) return true;
    if (!text) break;
    const std::string kept = WithoutPast(*text, now);
    if (kept == *text || ReplaceFile(directory, name, *text, kept, mode)) return true;
  }
  return Unlink(directory, name, where);
}

bool ReapDirectory(int root, const std::string& path, unsigned mode, std::int64_t now) {
  const Descriptor directory = OpenPlace(root, path);
  if (!directory && errno == ENOENT) return true;
  if (!directory) return Report("not a directory that only root can write", "/" + path, "run: systemd-tmpfiles --create curfew.conf");
  bool done = true;
  for (const std::string& name : NamesIn(directory)) {
    // The enforcer's unfinished files, which sudo and sshd do not read.
    if (name.starts_with('.')) continue;
    std::string where = "/" + path;
    where.append("/").append(name);
    done = ReapFile(directory, name, where, mode, now) && done;
  }
  return done;
}

// Lines that are over leave the list, whatever the enforcer wrote into it meanwhile: user@<uid>.service would else be ended
// again under the account's next grant.
bool StrikeOut(const Descriptor& directory, const std::set<std::string>& over) {
  for (int attempt = 0; attempt < kTries; ++attempt) {
    const auto text = ReadFile(directory, kSessions);
    if (!text) return errno == ENOENT;
    std::string kept;
    std::istringstream lines(*text);
    for (std::string line; std::getline(lines, line);) {
      if (!over.contains(line)) kept.append(line).append("\n");
    }
    if (kept == *text || ReplaceFile(directory, kSessions, *text, kept, 0600)) return true;
  }
  return Report("cannot be rewritten", kSessionsPath, "the next run tries again");
}

void MarkAmongLogins(std::vector<Session>& past, const std::set<std::string>& login_scopes) {
  for (Session& session : past) session.among_logins = login_scopes.contains(session.scope);
}

bool ReapSessions(int root, std::int64_t now) {
  const Descriptor directory = OpenPlace(root, "run/curfew");
  if (!directory) return errno == ENOENT;
  const auto text = ReadFile(directory, kSessions);
  if (!text) return errno == ENOENT || Report("not a plain file of root's", kSessionsPath, "no session is ended");
  bool done = true;
  std::vector<Session> past;
  std::set<std::string> over;
  std::set<std::string> login_scopes;
  std::istringstream lines(*text);
  for (std::string line; std::getline(lines, line);) {
    auto session = ParseSession(line);
    if (!session) done = Report("not a session line, dropped", kSessionsPath, "run: curfew-agent doctor");
    if (session && session->login) login_scopes.insert(session->scope);
    if (!session || now >= session->deadline) over.insert(line);
    if (session && now >= session->deadline) past.push_back(*std::move(session));
  }
  const auto strike_out = [&] {
    std::set<std::string> gone = over;
    for (const Session& session : past) gone.erase(session.line);
    done = StrikeOut(directory, gone) && done;
  };
  strike_out();
  MarkAmongLogins(past, login_scopes);
  EndSessions(root, past, strike_out);
  for (const Session& session : past) done = Report("processes remain", session.scope, "the next run tries again");
  return done;
}

int Run(const char* root_path, bool all) {
  const Descriptor root(open(root_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!root) {
    Report(std::strerror(errno), root_path, "give a directory to --root");
    return 1;
  }
  // An upgrade or a shutdown must not end it half-way; it is done in seconds.
  static_cast<void>(signal(SIGTERM, SIG_IGN));
  const Descriptor lock = LockForASecond(root.Get());
  const std::int64_t now = all ? kAfterEveryDeadline : std::time(nullptr);
  const bool rules = ReapDirectory(root.Get(), "run/curfew/sudoers.d", 0440, now);
  const bool keys = ReapDirectory(root.Get(), "run/curfew/keys", 0644, now);
  const bool sessions = ReapSessions(root.Get(), now);
  const bool sees = access("/proc/1/stat", F_OK) == 0 ||
                    Report("hides the processes of others (hidepid): what sudo started cannot be ended", "/proc", "mount -o remount,hidepid=0 /proc");
  return rules && keys && sessions && sees ? 0 : 1;
}

}  // namespace

}  // namespace curfew

int main(int count, char** arguments) {
  const bool all = count > 1 && std::strcmp(arguments[1], "--all") == 0;
  const int at = all ? 2 : 1;
  if (count == at) return curfew::Run("/", all);
  if (count == at + 2 && std::strcmp(arguments[at], "--root") == 0) return curfew::Run(arguments[at + 1], all);
  static_cast<void>(std::fputs("usage: curfew-reaper [--all] [--root DIR]\n", stderr));
  return 2;
}
