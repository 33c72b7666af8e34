// SPDX-License-Identifier: Apache-2.0
// Local sockets: listening at a path, and who is at the other end (unix(7), SO_PEERCRED).
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "core/result.h"
#include "os/file_descriptor.h"

namespace curfew {

enum class SocketKind { kStream, kPackets };

struct PeerCredentials {
  pid_t pid = 0;
  uid_t uid = 0;
};

/// Who connected, as the kernel noted it then.
[[nodiscard]] Result<PeerCredentials> PeerOf(int socket);

/// Listens at `path`, taking the place of an older socket there; owner and mode as asked, read back.
[[nodiscard]] Result<FileDescriptor> ListenAt(const std::string& path, SocketKind kind, mode_t mode, std::optional<gid_t> group);

}  // namespace curfew
