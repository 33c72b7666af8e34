// SPDX-License-Identifier: Apache-2.0
// The folder of user curfew, as root writes to it: its owner could swap anything there, so nothing is read or followed;
// files are made anew beside their place, given away, and renamed in.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

#include "core/result.h"
#include "os/file_descriptor.h"

namespace curfew {

class LinkFolder {
 public:
  /// Makes `path` if it is missing: 0700, owned as asked.
  [[nodiscard]] static Result<LinkFolder> Open(const std::string& path, uid_t owner, gid_t group);
  /// Replaces `name`, owned by the folder's owner, mode 0600.
  [[nodiscard]] Result<void> Replace(const std::string& name, std::string_view text) const;
  /// Fine when nothing is there.
  [[nodiscard]] Result<void> Remove(const std::string& name) const;

 private:
  LinkFolder(FileDescriptor folder, std::string path, uid_t owner, gid_t group)
      : folder_(std::move(folder)), path_(std::move(path)), owner_(owner), group_(group) {}
  FileDescriptor folder_;
  std::string path_;
  uid_t owner_;
  gid_t group_;
};

}  // namespace curfew
