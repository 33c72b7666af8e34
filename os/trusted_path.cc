// SPDX-License-Identifier: Apache-2.0
// openat(2) with O_PATH one component at a time; an ACL that lets somebody write shows in the group's bits (acl(5)).
#include "os/trusted_path.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <deque>

#include "os/file_descriptor.h"
#include "os/system_error.h"
#include "os/text_file.h"

namespace curfew {
namespace {

constexpr int kMostLinks = 40;  // as path_resolution(7)
constexpr int kFlags = O_PATH | O_NOFOLLOW | O_CLOEXEC;

class Walk {
 public:
  explicit Walk(const std::string& path) : path_(path) { Push(path); }

  [[nodiscard]] Result<void> Go() {
    if (auto begun = Restart(); !begun) return begun;
    while (!names_.empty()) {
      const std::string name = std::move(names_.front());
      names_.pop_front();
      if (auto stepped = Step(name); !stepped) return stepped;
    }
    if (S_ISREG(facts_.st_mode)) return {};
    return Fail(Errc::kRefused, "is not a regular file", path_);
  }

 private:
  void Push(const std::string& path) {
    const auto parts = SplitText(path, '/');
    names_.insert(names_.begin(), parts.begin(), parts.end());
  }

  [[nodiscard]] Result<void> Restart() {
    at_ = FileDescriptor(::open("/", kFlags | O_DIRECTORY));
    if (!at_.IsOpen() || ::fstat(at_.Get(), &facts_) != 0) return SystemFailure(errno, "cannot look at", "/");
    return {};
  }

  [[nodiscard]] Result<void> Step(const std::string& name) {
    FileDescriptor next(::openat(at_.Get(), name.c_str(), kFlags));
    if (!next.IsOpen() && errno == ENOENT) {
      return Fail(Errc::kNotFound, name + " is not there (what lies in /home, /root or /tmp is not looked for)", path_);
    }
    if (!next.IsOpen()) return SystemFailure(errno, "cannot look at " + name, path_);
    if (::fstat(next.Get(), &facts_) != 0) return SystemFailure(errno, "cannot look at " + name, path_);
    if (facts_.st_uid != 0) return Refuse(name, "belongs to uid " + std::to_string(facts_.st_uid));
    if (S_ISLNK(facts_.st_mode)) return Follow(next);
    if ((facts_.st_mode & (S_IWGRP | S_IWOTH)) != 0) return Refuse(name, "can be written by others than root");
    at_ = std::move(next);
    return {};
  }

  [[nodiscard]] Result<void> Follow(const FileDescriptor& link) {
    std::array<char, PATH_MAX> target{};
    const ssize_t length = ::readlinkat(link.Get(), "", target.data(), target.size());
    if (length <= 0 || length == PATH_MAX) return SystemFailure(errno, "cannot read a link", path_);
    if (++links_ > kMostLinks) return Fail(Errc::kRefused, "leads through more than 40 links", path_);
    const std::string to(target.data(), static_cast<std::size_t>(length));
    Push(to);
    return to.front() == '/' ? Restart() : Result<void>{};
  }

  [[nodiscard]] Failure Refuse(const std::string& name, const std::string& why) const {
    return Fail(Errc::kRefused, name + " " + why + ": who can write there could be root by it", path_,
                "give it to root and take the others' right to write");
  }

  const std::string& path_;
  std::deque<std::string> names_;
  FileDescriptor at_;
  struct stat facts_ {};
  int links_ = 0;
};

}  // namespace

Result<void> CheckOnlyRootCanWrite(const std::string& path) { return Walk(path).Go(); }

}  // namespace curfew
