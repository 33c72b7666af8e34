// SPDX-License-Identifier: Apache-2.0
// curfew-reaper: one shot. Removes what is past the deadline written in it and ends sessions past theirs, with the enforcer
// dead or alive; shares no code with it. MUST: end all it can when a part of it fails, give nothing, start nothing.
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>

#include "agent/reaper/cgroup.h"
#include "agent/reaper/past.h"
#include "agent/reaper/place.h"

namespace curfew {

namespace {

constexpr int kTries = 5;

bool Report(const std::string& what, const std::string& where, const char* next) {
  const std::string line = "curfew-reaper: " + where + ": " + what + "; " + next + "\n";
  static_cast<void>(std::fputs(line.c_str(), stderr));
  return false;
}

// The enforcer holds the lock while it writes; one that holds on to it must not hold up an end.
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
bool Unlink(const Descriptor& directory, const std::string& name, const std::string& where, const char* why) {
  if (unlinkat(directory.Get(), name.c_str(), 0) == 0) return Report(why, where, "removed; curfew-enforcer writes what is live again");
  return Report(std::string(why) + ", and cannot be removed: " + std::strerror(errno), where, "remove it by hand");
}

bool ReapFile(const Descriptor& directory, const std::string& name, const std::string& where, unsigned mode, std::int64_t now) {
  for (int attempt = 0; attempt < kTries; ++attempt) {
    const auto content = ReadFile(directory, name);
    if (!content && errno == ENOENT) return true;
    if (!content) return Unlink(directory, name, where, "not a plain file of root's with a readable deadline");
    const std::string kept = WithoutPast(content->text, now);
    if (kept == content->text) return true;
    const Replaced replaced = ReplaceFile(directory, name, *content, kept, mode);
    if (replaced == Replaced::kYes) return true;
    if (replaced == Replaced::kFailed) return Unlink(directory, name, where, "past its deadline and cannot be rewritten");
  }
  return Report("changes faster than it can be read", where, "the next run tries again");
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

// `text` without the sessions that are over.
std::string WithoutEnded(int root, std::string_view text, std::int64_t now, bool& done) {
  std::string kept;
  while (!text.empty()) {
    const std::string line(text.substr(0, text.find('\n')));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    const auto session = ParseSession(line);
    if (!session) {
      done = Report("no session line: " + std::to_string(line.size()) + " bytes", "/run/curfew/sessions", "dropped");
      continue;
    }
    if (now >= session->deadline && EndSession(root, *session)) continue;
    if (now >= session->deadline) done = Report("processes remain", session->scope, "the next run tries again");
    kept.append(line).append("\n");
  }
  return kept;
}

// A session that is over leaves the list: user@<uid>.service would else be ended again under the account's next grant.
bool ReapSessions(int root, std::int64_t now) {
  const Descriptor directory = OpenPlace(root, "run/curfew");
  if (!directory) return errno == ENOENT;
  bool done = true;
  for (int attempt = 0; attempt < kTries; ++attempt) {
    const auto content = ReadFile(directory, "sessions");
    if (!content) return errno == ENOENT || Report("not a plain file of root's", "/run/curfew/sessions", "sessions are not ended");
    const std::string kept = WithoutEnded(root, content->text, now, done);
    if (kept == content->text || ReplaceFile(directory, "sessions", *content, kept, 0600) == Replaced::kYes) return done;
  }
  return Report("cannot be rewritten", "/run/curfew/sessions", "the next run tries again");
}

int Run(const char* root_path) {
  const Descriptor root(open(root_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!root) {
    Report(std::strerror(errno), root_path, "give a directory to --root");
    return 1;
  }
  const Descriptor lock = LockForASecond(root.Get());
  const std::int64_t now = std::time(nullptr);
  const bool rules = ReapDirectory(root.Get(), "run/curfew/sudoers.d", 0440, now);
  const bool keys = ReapDirectory(root.Get(), "run/curfew/keys", 0644, now);
  const bool sessions = ReapSessions(root.Get(), now);
  return rules && keys && sessions ? 0 : 1;
}

}  // namespace

}  // namespace curfew

int main(int count, char** arguments) {
  if (count == 1) return curfew::Run("/");
  if (count == 3 && std::strcmp(arguments[1], "--root") == 0) return curfew::Run(arguments[2]);
  static_cast<void>(std::fputs("usage: curfew-reaper [--root DIR]\n", stderr));
  return 2;
}
