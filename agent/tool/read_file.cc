// SPDX-License-Identifier: Apache-2.0
// open, read to the bound, close.
#include "agent/tool/read_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "os/file_descriptor.h"
#include "os/system_error.h"

namespace curfew {

Result<std::string> ReadUntrustedFile(const std::string& path, std::size_t most) {
  const FileDescriptor file(path == "-" ? ::dup(STDIN_FILENO) : ::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.IsOpen()) return SystemFailure(errno, "cannot be opened", path);
  std::string text;
  std::array<char, 65536> part{};
  while (true) {
    const ssize_t got = ::read(file.Get(), part.data(), part.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return SystemFailure(errno, "cannot be read", path);
    if (got == 0) return text;
    text.append(part.data(), static_cast<std::size_t>(got));
    if (text.size() > most) return Fail(Errc::kOutOfRange, "over " + std::to_string(most) + " bytes", path);
  }
}

}  // namespace curfew
