// SPDX-License-Identifier: Apache-2.0
// proc(5): stat, status, sessionid, loginuid, cgroup. pidfd_open(2), then the start time again, then pidfd_send_signal(2);
// by syscall(2), for glibc has them since 2.36 and we load on 2.34.
#include "os/process.h"

#include <dirent.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <memory>

#include "os/file_descriptor.h"
#include "os/system_error.h"
#include "os/text_file.h"

extern "C" {  // glibc 2.36 leaves that out of this header
#include <sys/syscall.h>
}

namespace curfew {
namespace {

struct CloseStream {
  void operator()(DIR* stream) const { ::closedir(stream); }
};

std::string PathOf(pid_t pid, const char* file) { return "/proc/" + std::to_string(pid) + "/" + file; }

// The name stands in parentheses and may hold any byte, so fields are counted from the last one (proc(5), stat).
// False for one that is dead.
Result<bool> ReadStat(pid_t pid, ProcessFacts& facts) {
  auto text = ReadKernelFile(PathOf(pid, "stat"), 4096);
  if (!text) return Failure(text.error());
  const std::size_t open = text->find('(');
  const std::size_t close = text->rfind(')');
  if (open == std::string::npos || close == std::string::npos || close < open) {
    return Fail(Errc::kMalformed, "cannot be understood", PathOf(pid, "stat"));
  }
  const auto fields = SplitText(std::string_view(*text).substr(close + 1), ' ');
  if (fields.size() < 20) return Fail(Errc::kMalformed, "has too few fields", PathOf(pid, "stat"));
  facts.command = text->substr(open + 1, close - open - 1);
  facts.parent = static_cast<pid_t>(ToNumber(fields[1]));
  facts.terminal = static_cast<std::uint32_t>(ToNumber(fields[4]));
  facts.started = static_cast<std::uint64_t>(ToNumber(fields[19]));
  // A first thread that has ended shows Z as well, while other threads of the process go on.
  return (fields[0] != "Z" && fields[0] != "X") || ToNumber(fields[17]) > 1;
}

std::vector<std::string_view> WordsAfter(std::string_view label, std::string_view text) {
  const std::size_t at = text.find(label);
  if (at == std::string_view::npos) return {};
  const std::size_t start = at + label.size();
  return SplitText(text.substr(start, text.find('\n', start) - start), '\t');
}

Result<void> ReadStatus(pid_t pid, ProcessFacts& facts) {
  auto text = ReadKernelFile(PathOf(pid, "status"), 8192);
  if (!text) return Failure(text.error());
  const auto uids = WordsAfter("\nUid:\t", *text);
  if (uids.size() != 4) return Fail(Errc::kMalformed, "has no Uid line", PathOf(pid, "status"));
  uid_t* const places[] = {&facts.real, &facts.effective, &facts.saved, &facts.filesystem};
  for (std::size_t i = 0; i < uids.size(); ++i) *places[i] = static_cast<uid_t>(ToNumber(uids[i]));
  facts.nested = WordsAfter("\nNSpid:\t", *text).size() > 1;
  return {};
}

}  // namespace

std::uint32_t AuditSessionOf(pid_t pid) {
  auto text = ReadKernelFile(PathOf(pid, "sessionid"), 16);
  if (!text) return kNoAuditSession;
  const long long number = ToNumber(*text);
  return number < 0 ? kNoAuditSession : static_cast<std::uint32_t>(number);
}

uid_t LoginOf(pid_t pid) {
  auto text = ReadKernelFile(PathOf(pid, "loginuid"), 16);
  if (!text) return kNoLogin;
  const long long number = ToNumber(*text);
  return number < 0 ? kNoLogin : static_cast<uid_t>(number);
}

bool KeepsLogins() {
  const auto own = ReadKernelFile("/proc/self/loginuid", 16);
  return own && !own->empty();
}

Result<ProcessFacts> ReadProcess(pid_t pid) {
  ProcessFacts facts;
  facts.pid = pid;
  const auto lives = ReadStat(pid, facts);
  if (!lives) return Failure(lives.error());
  if (!*lives) return Fail(Errc::kNotFound, "has ended", PathOf(pid, "stat"));
  if (auto read = ReadStatus(pid, facts); !read) return Failure(read.error());
  facts.login = LoginOf(pid);
  facts.audit_session = AuditSessionOf(pid);
  return facts;
}

Result<std::uint64_t> StartOf(pid_t pid) {
  ProcessFacts facts;
  if (auto read = ReadStat(pid, facts); !read) return Failure(read.error());
  return facts.started;
}

Result<std::string> CgroupOf(pid_t pid) {
  auto text = ReadKernelFile(PathOf(pid, "cgroup"), 8192);
  if (!text) return Failure(text.error());
  for (const std::string_view line : SplitText(*text, '\n')) {
    if (line.starts_with("0::/")) return std::string(line.substr(4));
  }
  return Fail(Errc::kNotFound, "is in no cgroup of version 2", PathOf(pid, "cgroup"));
}

// With hidepid=1 the folders are listed and cannot be entered, from 2 on they are not listed.
Result<void> SeesAllProcesses() {
  if (::access("/proc/1/stat", F_OK) == 0) return {};
  return Fail(Errc::kRefused, "hides the processes of others (hidepid)", "/proc", "mount -o remount,hidepid=0 /proc, and in /etc/fstab");
}

Result<std::vector<pid_t>> AllProcesses() {
  if (auto all = SeesAllProcesses(); !all) return Failure(all.error());
  std::vector<pid_t> processes;
  const std::unique_ptr<DIR, CloseStream> stream(::opendir("/proc"));
  if (!stream) return SystemFailure(errno, "cannot open", "/proc");
  for (;;) {
    errno = 0;
    const dirent* entry = ::readdir(stream.get());  // NOLINT(concurrency-mt-unsafe): a stream of our own
    if (entry == nullptr && errno != 0) return SystemFailure(errno, "cannot read", "/proc");
    if (entry == nullptr) return processes;
    const long long pid = ToNumber(static_cast<const char*>(entry->d_name));
    if (pid > 0) processes.push_back(static_cast<pid_t>(pid));
  }
}

Result<bool> KillProcess(const ProcessFacts& process) {
  const FileDescriptor pidfd(static_cast<int>(::syscall(SYS_pidfd_open, process.pid, 0)));
  if (!pidfd.IsOpen()) {
    if (errno == ESRCH) return false;
    return SystemFailure(errno, "cannot open the process", std::to_string(process.pid));
  }
  auto now = ReadProcess(process.pid);
  if (!now && now.error().code != Errc::kNotFound) return Failure(now.error());
  if (!now || now->started != process.started) return false;
  if (::syscall(SYS_pidfd_send_signal, pidfd.Get(), SIGKILL, nullptr, 0) == 0) return true;
  if (errno == ESRCH) return false;
  return SystemFailure(errno, "cannot end the process", std::to_string(process.pid));
}

bool AwaitEnd(const ProcessFacts& process, Millis limit) {
  const FileDescriptor pidfd(static_cast<int>(::syscall(SYS_pidfd_open, process.pid, 0)));
  if (!pidfd.IsOpen()) return errno == ESRCH;
  const auto now = ReadProcess(process.pid);
  if (now ? now->started != process.started : now.error().code == Errc::kNotFound) return true;
  pollfd ended{pidfd.Get(), POLLIN, 0};
  return ::poll(&ended, 1, static_cast<int>(limit.count())) > 0;
}

}  // namespace curfew
