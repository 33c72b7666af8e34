// SPDX-License-Identifier: Apache-2.0
// See reaper_world.h. Needs root: the reaper trusts only what root owns.
#include "tests/agent/reaper/reaper_world.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace curfew {

ReaperWorld::ReaperWorld() {
  if (geteuid() != 0) throw std::runtime_error("the reaper's tests need root: it trusts root's files only");
  umask(022);
  char pattern[] = "/tmp/curfew-reaper-XXXXXX";
  if (mkdtemp(pattern) == nullptr) throw std::runtime_error("no temporary directory");
  root_ = pattern;
  for (const char* path : {"run/curfew/sudoers.d", "run/curfew/keys", "run/systemd/sessions", "var/lib/curfew"}) {
    std::filesystem::create_directories(Path(path));
  }
  Write("var/lib/curfew/lock", "", 0600);
}

ReaperWorld::~ReaperWorld() {
  std::error_code ignored;
  std::filesystem::remove_all(root_, ignored);
}

pid_t ReaperWorld::Start(const char* all) const {
  const char* build = std::getenv("CURFEW_BINARY_DIR");
  if (build == nullptr) throw std::runtime_error("CURFEW_BINARY_DIR is not set: run this by ctest");
  const std::string program = std::string(build) + "/agent/reaper/curfew-reaper";
  const pid_t child = fork();
  if (child == 0) {
    const int said = open(Path("said").c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (dup2(said, STDERR_FILENO) != STDERR_FILENO) _exit(126);
    if (all == nullptr) execl(program.c_str(), program.c_str(), "--root", root_.c_str(), nullptr);
    execl(program.c_str(), program.c_str(), all, "--root", root_.c_str(), nullptr);
    _exit(127);
  }
  return child;
}

int ReaperWorld::Finish(pid_t reaper) {
  int status = 0;
  if (waitpid(reaper, &status, 0) != reaper) throw std::runtime_error("the reaper cannot be waited for");
  said_ = Read("said");
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

void ReaperWorld::Write(const std::string& path, const std::string& text, unsigned mode) const {
  std::ofstream file(Path(path), std::ios::trunc);
  file << text;
  if (!file.flush() || chmod(Path(path).c_str(), mode) != 0) throw std::runtime_error("cannot write " + path);
}

std::string ReaperWorld::Read(const std::string& path) const {
  std::ifstream file(Path(path));
  if (!file) return "(none)";
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

unsigned ReaperWorld::Mode(const std::string& path) const {
  struct stat status {};
  if (lstat(Path(path).c_str(), &status) != 0) return 0;
  return status.st_mode & 07777;
}

std::time_t Begun() {
  static const std::time_t begun = std::time(nullptr);
  return begun;
}

std::string Utc(int seconds) {
  const std::time_t moment = Begun() + seconds;
  std::tm fields{};
  gmtime_r(&moment, &fields);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &fields)};
}

std::string GrantNamed(char letter) { return "g-" + std::string(20, letter); }

std::string Join(std::initializer_list<std::string_view> parts) {
  std::string whole;
  for (const std::string_view part : parts) whole.append(part);
  return whole;
}

std::string Block(char letter, int seconds, const std::string& line) {
  return Join({"# curfew ", GrantNamed(letter), " until ", Utc(seconds), "\n", line, "\n"});
}

}  // namespace curfew
