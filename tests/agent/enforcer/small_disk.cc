// SPDX-License-Identifier: Apache-2.0
// mount(2), unshare(2).
#include "tests/agent/enforcer/small_disk.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <filesystem>

namespace curfew::test {
namespace {

constexpr const char* kFiller = "/.filler";

}  // namespace

bool SmallDisk::OwnMounts() {
  static const bool kOwn = ::unshare(CLONE_NEWNS) == 0 && ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
  return kOwn;
}

void SmallDisk::Mount(const char* type, const char* source, unsigned long flags, const std::string& options) {
  mounted_ = OwnMounts() && ::mount(source, folder_.c_str(), type, flags, options.c_str()) == 0;
}

SmallDisk::SmallDisk(std::string folder, const std::string& size) : folder_(std::move(folder)) {
  const std::string copy = folder_ + ".copy";
  std::filesystem::copy(folder_, copy, std::filesystem::copy_options::recursive);
  struct stat facts {};
  ::stat(folder_.c_str(), &facts);
  Mount("tmpfs", "small", 0, "size=" + size + ",nr_inodes=200");
  ::chmod(folder_.c_str(), facts.st_mode & 07777U);
  for (const auto& entry : std::filesystem::directory_iterator(copy)) {
    std::filesystem::copy(entry.path(), folder_ + "/" + entry.path().filename().string(), std::filesystem::copy_options::recursive);
  }
  std::filesystem::remove_all(copy);
}

SmallDisk::SmallDisk(std::string folder) : folder_(std::move(folder)) { Mount(nullptr, folder_.c_str(), MS_BIND, ""); }

SmallDisk::~SmallDisk() {
  if (mounted_) ::umount2(folder_.c_str(), MNT_DETACH);
}

void SmallDisk::Fill() const {
  ::mkdir((folder_ + kFiller).c_str(), 0700);
  const std::array<char, 4096> page{};
  const int file = ::open((folder_ + kFiller + "/bytes").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  while (file >= 0 && ::write(file, page.data(), page.size()) > 0) {
  }
  ::close(file);
  for (int number = 0;; ++number) {
    const int name = ::open((folder_ + kFiller + "/" + std::to_string(number)).c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (name < 0) break;
    ::close(name);
  }
}

void SmallDisk::Free() const { std::filesystem::remove_all(folder_ + kFiller); }

void SmallDisk::Freeze() const { ::mount(nullptr, folder_.c_str(), nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY, nullptr); }

void SmallDisk::Thaw() const { ::mount(nullptr, folder_.c_str(), nullptr, MS_REMOUNT | MS_BIND, nullptr); }

}  // namespace curfew::test
