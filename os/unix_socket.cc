// SPDX-License-Identifier: Apache-2.0
// The socket is made under a narrow umask, then widened.
#include "os/unix_socket.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "os/system_error.h"

namespace curfew {
namespace {

constexpr int kBacklog = 128;

Result<sockaddr_un> AddressOf(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return Fail(Errc::kOutOfRange, "the path is too long for a socket", path);
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

Result<void> MakeRoom(const std::string& path) {
  struct stat facts {};
  if (::lstat(path.c_str(), &facts) != 0) return {};
  if (!S_ISSOCK(facts.st_mode)) return Fail(Errc::kConflict, "something that is no socket has this name", path, "remove it");
  if (::unlink(path.c_str()) != 0) return SystemFailure(errno, "cannot remove the old socket", path);
  return {};
}

}  // namespace

Result<PeerCredentials> PeerOf(int socket) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) {
    return SystemFailure(errno, "cannot tell who connected", "SO_PEERCRED");
  }
  return PeerCredentials{peer.pid, peer.uid};
}

Result<FileDescriptor> ListenAt(const std::string& path, SocketKind kind, mode_t mode, std::optional<gid_t> group) {
  // Made beside its place and moved there when it listens: who finds it can connect, and only who may.
  const std::size_t slash = path.rfind('/') + 1;
  const std::string beside = path.substr(0, slash) + ".new." + path.substr(slash);
  auto address = AddressOf(beside);
  if (!address) return Failure(address.error());
  for (const auto& place : {path, beside}) {
    if (auto room = MakeRoom(place); !room) return Failure(room.error());
  }
  const int type = kind == SocketKind::kStream ? SOCK_STREAM : SOCK_SEQPACKET;
  FileDescriptor socket(::socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket.IsOpen()) return SystemFailure(errno, "cannot make a socket", path);
  const mode_t before = ::umask(0177);
  const int bound = ::bind(socket.Get(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address);  // NOLINT: C's signature
  const int error = errno;
  ::umask(before);
  if (bound != 0) return SystemFailure(error, "cannot listen", path);
  if (group && ::lchown(beside.c_str(), static_cast<uid_t>(-1), *group) != 0) {
    return SystemFailure(errno, "cannot give the socket to its group", path, "the service needs that group in SupplementaryGroups=");
  }
  if (::chmod(beside.c_str(), mode) != 0) return SystemFailure(errno, "cannot set the mode", path);
  if (::listen(socket.Get(), kBacklog) != 0) return SystemFailure(errno, "cannot listen", path);
  if (::rename(beside.c_str(), path.c_str()) != 0) return SystemFailure(errno, "cannot take the place of the old socket", path);
  return socket;
}

}  // namespace curfew
