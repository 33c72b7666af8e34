// SPDX-License-Identifier: Apache-2.0
// posix_spawn(3) (vfork inside: no copy of our pages), pidfd_open(2) (glibc has it since 2.36, we load on 2.34),
// memfd_create(2) for the output.
#include "os/child.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

#include "os/system_error.h"

extern "C" {  // glibc 2.36 leaves that out of this header
}

namespace curfew {
namespace {

constexpr std::size_t kMostOutput = std::size_t{256} << 10U;

// posix_spawn's two small objects, released whatever happens.
class SpawnPlan {
 public:
  explicit SpawnPlan(int output) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_addopen(&actions_, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions_, output, 1);
    posix_spawn_file_actions_adddup2(&actions_, output, 2);
    posix_spawn_file_actions_addclosefrom_np(&actions_, 3);
    posix_spawnattr_init(&attributes_);
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setsigdefault(&attributes_, &all);
    posix_spawnattr_setflags(&attributes_, static_cast<short>(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID));
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;
  ~SpawnPlan() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }
  [[nodiscard]] const posix_spawn_file_actions_t* Actions() const { return &actions_; }
  [[nodiscard]] const posix_spawnattr_t* Attributes() const { return &attributes_; }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

std::string OutputOf(int number) {
  std::string text(kMostOutput, '\0');
  const ssize_t got = ::pread(number, text.data(), text.size(), 0);
  text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  text.shrink_to_fit();
  return text;
}

}  // namespace

Result<Child> Child::Start(const std::vector<std::string>& argv) {
  FileDescriptor output(::memfd_create("output", MFD_CLOEXEC));
  if (!output.IsOpen()) return SystemFailure(errno, "cannot keep the output of a program", argv.front());
  std::vector<char*> arguments;
  arguments.reserve(argv.size() + 1);
  for (const auto& argument : argv) arguments.push_back(const_cast<char*>(argument.c_str()));  // NOLINT: C's signature
  arguments.push_back(nullptr);
  std::string path = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
  std::string locale = "LC_ALL=C";
  const std::array<char*, 3> environment{path.data(), locale.data(), nullptr};
  const SpawnPlan plan(output.Get());
  pid_t pid = -1;
  if (const int error = ::posix_spawn(&pid, argv.front().c_str(), plan.Actions(), plan.Attributes(), arguments.data(),
                                      environment.data());
      error != 0) {
    return SystemFailure(error, "cannot run", argv.front());
  }
  // Not reaped yet, so the number cannot have passed to another process.
  FileDescriptor pidfd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (!pidfd.IsOpen()) {
    const int error = errno;
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
    return SystemFailure(error, "cannot watch the program", argv.front());
  }
  return Child(pid, std::move(pidfd), std::move(output));
}

Child::Child(Child&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), pidfd_(std::move(other.pidfd_)), output_(std::move(other.output_)) {}

Child::~Child() {
  if (pid_ < 0) return;
  Kill();
  ::waitpid(pid_, nullptr, 0);
}

void Child::Kill() const { ::kill(pid_, SIGKILL); }

ChildEnd Child::Reap() {
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  ChildEnd end;
  end.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  end.output = OutputOf(output_.Get());
  return end;
}

ChildEnd Child::Wait(Millis limit) {
  pollfd end{pidfd_.Get(), POLLIN, 0};
  const bool timed_out = ::poll(&end, 1, static_cast<int>(limit.count())) == 0;
  if (timed_out) Kill();
  ChildEnd result = Reap();
  result.timed_out = timed_out;
  return result;
}

}  // namespace curfew
