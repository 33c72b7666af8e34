// SPDX-License-Identifier: Apache-2.0
// A real file system with little room, over a folder of the test's host: filled to the last byte, emptied, made read-only.
// Mounted in a namespace of this process, whose children see it too.
#pragma once

#include <string>

namespace curfew::test {

class SmallDisk {
 public:
  /// A tmpfs of that size over `folder`, which keeps its mode; what was in the folder is copied.
  SmallDisk(std::string folder, const std::string& size);
  /// `folder` over itself, to be made read-only.
  explicit SmallDisk(std::string folder);
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  ~SmallDisk();

  /// Gives this process a mount namespace of its own; MUST be asked before the enforcer is started, which is to see it.
  [[nodiscard]] static bool OwnMounts();
  [[nodiscard]] bool IsMounted() const { return mounted_; }
  /// Not one byte more can be written, and no new name.
  void Fill() const;
  void Free() const;
  /// Nothing can be written or unlinked.
  void Freeze() const;
  void Thaw() const;

 private:
  void Mount(const char* type, const char* source, unsigned long flags, const std::string& options);
  std::string folder_;
  bool mounted_ = false;
};

}  // namespace curfew::test
