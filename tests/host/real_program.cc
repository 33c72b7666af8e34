// SPDX-License-Identifier: Apache-2.0
// A child over two pipes. Input is small (below a pipe's 64 KiB), so it can be written whole before the output is read.
#include "tests/host/real_program.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <system_error>

namespace curfew::test {
namespace {

[[noreturn]] void Throw(const std::string& what) { throw std::system_error(errno, std::generic_category(), what); }

struct Pipe {
  int read = -1;
  int write = -1;
  Pipe() {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) Throw("pipe2");
    read = ends[0];
    write = ends[1];
  }
  ~Pipe() {
    CloseWrite();
    close(read);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  void CloseWrite() {
    if (write >= 0) close(write);
    write = -1;
  }
};

pid_t Spawn(const std::vector<std::string>& argv, const Pipe& in, const Pipe& out) {
  std::vector<char*> pointers;
  pointers.reserve(argv.size() + 1);
  for (const std::string& word : argv) pointers.push_back(const_cast<char*>(word.c_str()));  // NOLINT: posix_spawn(3)
  pointers.push_back(nullptr);
  std::array<std::string, 2> settings{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8"};
  std::array<char*, 3> environment{settings[0].data(), settings[1].data(), nullptr};
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_adddup2(&files, in.read, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&files, out.write, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&files, out.write, STDERR_FILENO);
  pid_t child = -1;
  const int failed = posix_spawnp(&child, pointers[0], &files, nullptr, pointers.data(), environment.data());
  posix_spawn_file_actions_destroy(&files);
  if (failed != 0) throw std::system_error(failed, std::generic_category(), argv[0]);
  return child;
}

}  // namespace

Outcome RunProgram(const std::vector<std::string>& argv, const std::string& input,
                   const std::function<void()>& meanwhile) {
  constexpr std::size_t kPipeBytes = 65536;
  if (input.size() > kPipeBytes) throw std::length_error("input over a pipe's buffer");
  Pipe in;
  Pipe out;
  const pid_t child = Spawn(argv, in, out);
  out.CloseWrite();
  if (write(in.write, input.data(), input.size()) != static_cast<ssize_t>(input.size())) Throw("write to " + argv[0]);
  in.CloseWrite();
  if (meanwhile) meanwhile();
  Outcome outcome;
  std::array<char, 65536> chunk{};
  for (ssize_t got = 0; (got = read(out.read, chunk.data(), chunk.size())) > 0;) {
    outcome.output.append(chunk.data(), static_cast<std::size_t>(got));
  }
  int status = 0;
  if (waitpid(child, &status, 0) != child) Throw("waitpid");
  outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return outcome;
}

ScratchFolder::ScratchFolder(const std::string& parent) {
  std::string pattern = parent + "/curfew-test.XXXXXX";
  if (mkdtemp(pattern.data()) == nullptr) Throw("mkdtemp");
  path_ = pattern;
  std::filesystem::permissions(path_, std::filesystem::perms(0755));
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string ScratchFolder::Write(const std::string& name, const std::string& text, std::filesystem::perms mode) const {
  const std::filesystem::path file = path_ / name;
  std::filesystem::remove(file);
  std::ofstream(file, std::ios::binary) << text;
  std::filesystem::permissions(file, mode);
  return file.string();
}

}  // namespace curfew::test
